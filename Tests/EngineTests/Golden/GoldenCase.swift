import Engine
import TestSupport
import Testing

/// One operation on hashed inputs, whose output and gradients a golden file has.
struct GoldenCase: Sendable, CustomTestStringConvertible {
  struct Input: Sendable {
    var name: String
    var shape: Shape
    var range: Range<Double> = -1..<1
    var isDifferentiable = true
  }

  /// Single precision rounds to 6e-8; sums of up to a few thousand terms, in blocks of some hundred,
  /// stay below some ten times that of the root mean square.
  static let tolerance = 5e-6

  var name: String
  var inputs: [Input]
  var tolerance = Self.tolerance
  var build: @Sendable (inout Graph, [Graph.Node]) throws -> Graph.Node

  var testDescription: String { name }

  /// One input `x`.
  init(
    _ name: String, _ shape: Shape, in range: Range<Double> = -1..<1,
    tolerance: Double = Self.tolerance,
    _ build: @escaping @Sendable (inout Graph, Graph.Node) throws -> Graph.Node
  ) {
    self.init(name, [Input(name: "x", shape: shape, range: range)], tolerance: tolerance) {
      try build(&$0, $1[0])
    }
  }

  init(
    _ name: String, _ inputs: [Input], tolerance: Double = Self.tolerance,
    _ build: @escaping @Sendable (inout Graph, [Graph.Node]) throws -> Graph.Node
  ) {
    (self.name, self.inputs, self.tolerance, self.build) = (name, inputs, tolerance, build)
  }

  /// The graph with its inputs as parameters `input.x`, … or constants, and the output.
  func graph() throws -> (graph: Graph, output: Graph.Node) {
    var graph = Graph()
    let nodes = try inputs.map { input in
      let value = Tensor.hashed("\(name).\(input.name)", input.shape, in: input.range)
      return input.isDifferentiable
        ? try graph.parameter("input.\(input.name)", initial: value) : graph.constant(value)
    }
    let output = try build(&graph, nodes)
    return (graph, output)
  }

  /// Compares the output and all gradients with the file's.
  func check(against file: GoldenFile) throws {
    var (graph, output) = try graph()
    let cotangent = graph.constant(.hashed("\(name).cotangent", output.shape))
    let loss = try graph.innerProduct(output, cotangent)
    let program = try Program(
      minimizing: loss, over: "input.", in: graph, observing: [output],
      threads: ThreadPool(threads: 2))
    program.forwardAndBackward()
    let error = try file.tensor("\(name).output").error(of: program.value(of: output))
    #expect(error < tolerance, "output")
    for input in inputs where input.isDifferentiable {
      let expected = try file.tensor("\(name).d \(input.name)")
      let error = try expected.error(of: program.gradient("input.\(input.name)"))
      #expect(error < tolerance, "gradient of \(input.name)")
    }
  }
}
