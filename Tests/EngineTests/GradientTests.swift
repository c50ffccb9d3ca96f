import Engine
import Testing

/// Every operation's pullback against differences of its own forward pass.
@Suite struct GradientTests {
  @Test("pullback agrees with central differences", arguments: Operations.specimens)
  func pullback(_ specimen: Specimen) throws {
    #expect(try specimen.gradientError(seed: 1) < specimen.tolerance)
  }
}

extension Specimen {
  /// The largest error of the pullback over all elements of all inputs, relative to the largest
  /// element of that input's gradient (at least 0.01).
  ///
  /// The outputs are weighted with fixed random numbers: a plain sum would hide permutations. Their
  /// sum is taken in double, so that the four-point stencil sees only the forward pass's rounding.
  func gradientError(seed: UInt64) throws -> Double {
    var random = RandomSource(seed: seed)
    let threads = try ThreadPool(threads: 1)
    let names = inputs.indices.map { "input\($0)" }
    let values = inputs.indices.map { tensor(of: inputs[$0], self.values(of: $0), &random) }

    var graph = Graph()
    var nodes: [Graph.Node] = []
    for (name, value) in zip(names, values) {
      nodes.append(try graph.parameter(name, initial: value))
    }
    let output = try graph.apply(operation, to: nodes)
    let weights = random.uniform(output.shape, in: -1..<1)
    let loss = try graph.innerProduct(output, graph.constant(weights))
    let program = try Program(
      minimizing: loss, over: "input", in: graph, observing: [output], threads: threads)
    program.forwardAndBackward()

    func weightedSum() -> Double {
      program.forward()
      return zip(program.value(of: output).elements, weights.elements)
        .reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    var worst = 0.0
    for (position, name) in names.enumerated() where operation.isDifferentiable(input: position) {
      let gradient = try program.gradient(name).elements
      var tensor = values[position]
      var errors: [Double] = []
      // At most some three hundred elements of a large input, spread over all of it.
      for index in stride(from: 0, to: tensor.shape.count, by: 1 + tensor.shape.count / 300) {
        let original = tensor.elements[index]
        func sum(at offset: Float) throws -> Double {
          tensor.withMutableSpan { $0[index] = original + offset }
          try program.setParameter(name, to: tensor)
          return weightedSum()
        }
        let h: Float = 0.015625  // a power of two, so that the offsets are exact
        let difference =
          (8 * (try sum(at: h) - sum(at: -h)) - (try sum(at: 2 * h) - sum(at: -2 * h)))
          / (12 * Double(h))
        _ = try sum(at: 0)
        errors.append(abs(difference - Double(gradient[index])))
      }
      let scale = max(0.01, gradient.map { abs(Double($0)) }.max() ?? 0)
      // Written so that a gradient which is not a number counts as an error.
      let error = errors.allSatisfy(\.isFinite) ? (errors.max() ?? 0) / scale : .infinity
      worst = max(worst, error)
    }
    return worst
  }

  private func tensor(of shape: Shape, _ values: Values, _ random: inout RandomSource) -> Tensor {
    switch values {
    case .uniform(let range):
      return random.uniform(shape, in: range.lowerBound..<range.upperBound)
    case .awayFromZero:
      let tensor = random.uniform(shape, in: -0.9..<0.9)
      return Tensor(shape, tensor.elements.map { $0 < 0 ? $0 - 0.1 : $0 + 0.1 })
    case .distinct:
      let order = random.uniform(shape, in: 0..<1).elements.enumerated()
        .sorted { $0.element < $1.element }
      var elements = [Float](repeating: 0, count: shape.count)
      for (rank, item) in order.enumerated() {
        elements[item.offset] = 0.08 * (Float(rank) - Float(shape.count) / 2)
      }
      return Tensor(shape, elements)
    case .fixed(let elements): return Tensor(shape, elements)
    }
  }
}
