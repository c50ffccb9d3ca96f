import Engine
import Testing

@Suite struct ProgramTests {
  /// A small network with a node that two operations read, and a loss with several terms.
  private func network(
    threads: Int
  ) throws -> (program: Program, output: Graph.Node, input: Graph.Node) {
    var random = RandomSource(seed: 3)
    var graph = Graph()
    let input = graph.input([1, 2, 12, 10])
    let first = try graph.parameter("prior.first", initial: random.normal([4, 2, 3, 3]))
    let second = try graph.parameter("prior.second", initial: random.normal([4, 4, 3, 3]))
    let frozen = try graph.parameter("frozen", initial: random.normal([3, 8, 1, 1]))
    let shared = try graph.leakyReLU(
      graph.convolve(input, weights: first, padding: 1, border: .reflection), slope: 0.2)
    let half = try graph.convolve(shared, weights: second, stride: 2, padding: 1)
    let back = try graph.upsample(half, factor: 2, method: .bilinear)
    let output = try graph.sigmoid(
      graph.convolve(graph.concatenate([shared, back]), weights: frozen))
    let target = graph.constant(random.uniform(output.shape, in: 0..<1))
    let loss = try graph.add(
      graph.meanSquaredError(output, target),
      graph.scale(graph.totalVariation(shared, beta: 2), by: 1e-4))
    let program = try Program(
      minimizing: loss, over: "prior.", in: graph, observing: [output],
      threads: ThreadPool(threads: threads))
    try program.set(input, to: random.normal(input.shape))
    return (program, output, input)
  }

  @Test("only parameters under the prefix are optimised")
  func prefix() throws {
    let program = try network(threads: 1).program
    #expect(program.parameterNames == ["prior.first", "prior.second"])
  }

  @Test("a second run gives the same loss and gradients, bit for bit: no buffer is overwritten")
  func repeatable() throws {
    let program = try network(threads: 2).program
    let loss = program.forwardAndBackward()
    let gradients = try program.parameterNames.map { try program.gradient($0) }
    for _ in 0..<3 {
      #expect(program.forwardAndBackward() == loss)
      #expect(try program.parameterNames.map { try program.gradient($0) } == gradients)
    }
  }

  @Test("the gradient of a whole network agrees with differences")
  func differences() throws {
    let program = try network(threads: 1).program
    program.forwardAndBackward()
    for name in program.parameterNames {
      let gradient = try program.gradient(name)
      let original = try program.parameter(name)
      for index in [0, 7, gradient.shape.count - 1] {
        func loss(_ offset: Float) throws -> Double {
          var moved = original
          moved.withMutableSpan { $0[index] += offset }
          try program.setParameter(name, to: moved)
          return Double(program.forwardAndBackward())
        }
        let difference = (try loss(0.01) - loss(-0.01)) / 0.02
        try program.setParameter(name, to: original)
        #expect(abs(difference - Double(gradient.elements[index])) < 1e-3)
      }
    }
  }

  @Test("ten steps of Adam give the same bytes on one, two and three threads")
  func threads() throws {
    let results = try [1, 2, 3].map { threads in
      let program = try network(threads: threads).program
      var adam = Adam(learningRate: 0.01)
      for _ in 0..<10 {
        program.forwardAndBackward()
        program.step(&adam)
      }
      return program.parameters
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  @Test("a copy of the parameters and the optimiser is a checkpoint")
  func checkpoint() throws {
    let program = try network(threads: 1).program
    var adam = Adam(learningRate: 0.01)
    func advance(_ steps: Int) {
      for _ in 0..<steps {
        program.forwardAndBackward()
        program.step(&adam)
      }
    }
    advance(3)
    let kept = (program.parameters, adam)
    advance(4)
    let expected = program.parameters
    (program.parameters, adam) = kept
    advance(4)
    #expect(program.parameters == expected)
  }

  @Test("mistakes are told in a line")
  func mistakes() throws {
    var graph = Graph()
    let x = graph.input([1, 3, 8, 8])
    let w = try graph.parameter("w", initial: Tensor([4, 2, 3, 3]))
    #expect {
      try graph.convolve(x, weights: w)
    } throws: {
      "\($0)"
        == "convolution: input [1, 3, 8, 8] has 3 channels but weights [4, 2, 3, 3] in 1 groups "
        + "take 2"
    }
    #expect(throws: EngineError.duplicateName("w")) {
      try graph.parameter("w", initial: Tensor([1]))
    }
    let loss = try graph.meanSquaredError(x, x)
    #expect(throws: EngineError.noParameters(prefix: "prior.")) {
      try Program(
        minimizing: loss, over: "prior.", in: graph, threads: ThreadPool(threads: 1))
    }
    #expect(throws: EngineError.threadsUnavailable(0)) { try ThreadPool(threads: 0) }
  }
}
