import DIP
import Engine
import TestSupport

/// A network whose weights are made from names, compiled with the mean squared error to a picture.
struct HashedNetwork {
  let program: Program
  private let blocks: [String: Graph.Node]

  /// The target has the output's shape and is hashed unless given; `isFresh` leaves the
  /// normalisations as they start.
  init(
    _ name: String, _ network: any GeneratorNetwork, input: Tensor, target: Tensor? = nil,
    isFresh: Bool = false
  ) throws {
    var graph = Graph()
    var random = RandomSource(seed: 0)
    let node = graph.input(input.shape)
    let output: Graph.Node
    (output, blocks) = try network.build(
      in: &graph, from: node, outputChannels: 3, name: "prior", random: &random)
    let picture = target ?? .hashed("\(name).target", output.shape, in: 0..<1)
    let loss = try graph.meanSquaredError(output, graph.constant(picture))
    program = try Program(
      minimizing: loss, over: "prior.", in: graph, observing: Array(blocks.values),
      threads: ThreadPool(threads: 2))
    try program.set(node, to: input)
    for parameter in program.parameterNames where !(isFresh && parameter.contains(".norm.")) {
      try program.setParameter(parameter, to: weights(parameter, of: name))
    }
  }

  var parameterCount: Int {
    get throws {
      try program.parameterNames.reduce(0) { try $0 + program.parameter($1).shape.count }
    }
  }

  private func weights(_ parameter: String, of name: String) throws -> Tensor {
    let shape = try program.parameter(parameter).shape
    let range: Range<Double>
    if parameter.hasSuffix("norm.weight") {
      range = 0.5..<1.5
    } else if parameter.hasSuffix("norm.bias") {
      range = -0.1..<0.1
    } else {
      // The bias is bounded as the weights of its convolution are.
      let kernels = parameter.replacing(".conv.bias", with: ".conv.weight")
      let extents = try program.parameter(kernels).shape.extents
      let bound = 1 / Double(extents.dropFirst().reduce(1, *)).squareRoot()
      range = -bound..<bound
    }
    return .hashed("\(name).\(parameter.dropFirst("prior.".count))", shape, in: range)
  }

  /// What is compared with one tensor of a file.
  struct Comparison: Equatable {
    var name: String
    var largest: Double
    var median: Double
  }

  /// Runs the program and compares its loss and blocks.
  func compareBlocks(with file: GoldenFile, case name: String) throws -> [Comparison] {
    let loss = try file.tensor("\(name).loss").error(of: Tensor(program.forwardAndBackward()))
    return try [Comparison(name: "loss", largest: loss, median: loss)]
      + blocks.map { block, node in
        let expected = try file.tensor("\(name).block \(block)")
        let found = program.value(of: node)
        return Comparison(
          name: block, largest: expected.error(of: found), median: expected.medianError(of: found))
      }
  }

  /// Compares the gradients of the last run.
  func compareGradients(with file: GoldenFile, case name: String) throws -> [Comparison] {
    let names = Set(file.names)
    return try program.parameterNames.map { parameter in
      let key = "\(name).d \(parameter.dropFirst("prior.".count))"
      let expected = try file.tensor(key)
      // A later normalisation takes most shifts, and without an activation scales, away again: such
      // a gradient is zero but for rounding, and is measured by those of the weights beside it.
      let block = key.split(separator: ".").dropLast(2).joined(separator: ".")
      let scale = try ["norm.weight", "conv.weight"].map { "\(block).\($0)" }
        .filter { !key.hasSuffix("conv.weight") && names.contains($0) }
        .reduce(expected.scale) { max($0, try file.tensor($1).scale) }
      let found = try program.gradient(parameter)
      return Comparison(
        name: parameter, largest: expected.error(of: found, relativeTo: scale),
        median: expected.medianError(of: found, relativeTo: scale))
    }
  }
}
