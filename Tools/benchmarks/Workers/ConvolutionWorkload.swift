import Engine

/// One pass of one convolution, called directly on the buffers of a program that is made around it.
struct ConvolutionWorkload: Workload {
  var shape: ConvolutionShape
  var pass: ConvolutionPass

  var name: String { "\(shape.name)/\(pass.rawValue)" }

  func serve(on threads: ThreadPool) throws {
    var random = RandomSource(seed: 0)
    var graph = Graph()
    let data = try graph.parameter(
      "data", initial: random.uniform([1, shape.inputs, shape.side, shape.side], in: -1..<1))
    let bound = 1 / Float(shape.inputs * shape.kernel * shape.kernel).squareRoot()
    let weights = try graph.parameter(
      "weights",
      initial: random.uniform(
        [shape.outputs, shape.inputs, shape.kernel, shape.kernel], in: -bound..<bound))
    let plain = try graph.convolve(
      data, weights: weights, stride: shape.stride, padding: (shape.kernel - 1) / 2,
      border: shape.border)
    guard case .operation(let convolution, let inputs) = graph.sources[plain.index] else { return }
    let output = try graph.apply(
      RepeatedOperation(repeated: convolution, pass: pass, gflop: shape.gflop), to: inputs)
    if pass == .forward {
      try Program(evaluating: [output], in: graph, threads: threads).forward()
    } else {
      // A program derives gradients for what is optimised alone: the data or the weights.
      let loss = try graph.meanSquaredError(output, graph.constant(Tensor(output.shape)))
      try Program(minimizing: loss, over: pass.rawValue, in: graph, threads: threads)
        .forwardAndBackward()
    }
  }
}

/// An operation that repeats one of its passes when a program comes to it, for as long as the driver
/// asks. Buffers and scratch memory are those the program gives it, as in a network.
private struct RepeatedOperation: Operation {
  let repeated: any Operation
  let pass: ConvolutionPass
  let gflop: Double

  var name: String { repeated.name }
  var pullbackReads: PullbackReads { repeated.pullbackReads }

  func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    try repeated.outputShape(for: inputs)
  }
  func isDifferentiable(input: Int) -> Bool { repeated.isDifferentiable(input: input) }
  func savedCount(for inputs: [Shape]) -> Int { repeated.savedCount(for: inputs) }
  func scratchCount(for inputs: [Shape], threads: Int) -> Int {
    repeated.scratchCount(for: inputs, threads: threads)
  }

  func forward(_ pass: ForwardPass) {
    repeated.forward(pass)
    if self.pass == .forward { repeatAsAsked { repeated.forward(pass) } }
  }

  func pullback(_ pass: PullbackPass) { repeatAsAsked { repeated.pullback(pass) } }

  private func repeatAsAsked(_ body: () -> Void) {
    var session = WorkerSession(gflop: gflop)
    do {
      while try session.wantsAnother() { body() }
    } catch { Bench.end(with: error) }
  }

  static let specimens: [Specimen] = []
}
