/// A compiled graph: every buffer placed, every gradient derived, ready to run thousands of times.
///
/// A program owns all memory that changes during a run, in one arena and two flat arrays (the
/// optimised parameters and their gradients), and allocates nothing after its creation. It is meant
/// for one thread at a time; its operations spread over the threads of the pool.
public final class Program {
  private let plan: ProgramPlan
  /// Where the nodes of the given graph are in the one that runs; empty where it is the same.
  private let places: [Graph.Node: Graph.Node]
  private let memory: ProgramMemory
  private let threads: ThreadPool
  /// How the convolutions are computed, one entry a shape.
  public let convolutions: [ConvolutionReport]

  private var forwardSteps: [(operation: any Operation, pass: ForwardPass)] = []
  private var backwardSteps: [BackwardStep] = []

  private enum BackwardStep {
    case pullback(any Operation, PullbackPass)
    case accumulate(from: View, into: View)
  }

  /// Compiles a graph for gradient descent on a scalar.
  ///
  /// - Parameters:
  ///   - loss: the scalar to be made small.
  ///   - prefix: parameters whose names begin with it are optimised, the others are constants.
  ///   - graph: what to compile; it is not needed afterwards.
  ///   - observed: values besides the loss that are read after a run.
  ///   - threads: what the operations spread over.
  /// - Throws: ``EngineError`` where the loss is no scalar, nothing is to be optimised, or the
  ///   memory is not to be had.
  public convenience init(
    minimizing loss: Graph.Node, over prefix: String, in graph: Graph,
    observing observed: [Graph.Node] = [], threads: ThreadPool
  ) throws(EngineError) {
    try self.init(
      minimizing: loss, over: prefix, in: graph, observing: observed, fusing: true,
      threads: threads)
  }

  /// As ``init(minimizing:over:in:observing:threads:)``; without fusing, every operation is run as it is
  /// described.
  package convenience init(
    minimizing loss: Graph.Node, over prefix: String, in graph: Graph,
    observing observed: [Graph.Node] = [], fusing: Bool, threads: ThreadPool
  ) throws(EngineError) {
    guard loss.shape.count == 1 else {
      throw .shape(operation: "loss", problem: "a scalar is minimised, not a tensor \(loss.shape)")
    }
    try self.init(graph, loss, prefix, observed, fusing, threads)
    if plan.optimized.isEmpty { throw .noParameters(prefix: prefix) }
  }

  /// Compiles the part of a graph that the given values depend on, for the forward pass alone.
  public convenience init(
    evaluating outputs: [Graph.Node], in graph: Graph, threads: ThreadPool
  ) throws(EngineError) {
    try self.init(graph, nil, nil, outputs, true, threads)
  }

  private init(
    _ given: Graph, _ loss: Graph.Node?, _ prefix: String?, _ observed: [Graph.Node],
    _ fusing: Bool, _ threads: ThreadPool
  ) throws(EngineError) {
    let graph: Graph
    (graph, places, plan) = try Self.compile(
      given, loss, prefix, observed, fusing, threads: threads.threads)
    self.threads = threads
    convolutions = ConvolutionReport.all(in: graph, by: plan)
    memory = try ProgramMemory(plan, graph)
    build(graph)
  }

  /// The graph that runs, where the given one's nodes are in it, and what is done in which order.
  private static func compile(
    _ given: Graph, _ loss: Graph.Node?, _ prefix: String?, _ observed: [Graph.Node],
    _ fusing: Bool, threads: Int
  ) throws(EngineError) -> (graph: Graph, places: [Graph.Node: Graph.Node], plan: ProgramPlan) {
    var graph = given
    var places: [Graph.Node: Graph.Node] = [:]
    if fusing {
      let fusion = try Fusion(given, keeping: observed + (loss.map { [$0] } ?? []))
      graph = fusion.graph
      for node in given.nodes { places[node] = fusion.node(for: node) }
    }
    let plan = ProgramPlan(
      graph, loss: loss.map { places[$0] ?? $0 }, prefix: prefix,
      observed: observed.map { places[$0] ?? $0 }, threads: threads)
    return (graph, places, plan)
  }

  /// The bytes of the buffers that ``init(minimizing:over:in:observing:threads:)`` would ask for.
  ///
  /// - Throws: ``EngineError`` where fusing meets shapes that do not fit.
  public static func memoryBytes(
    minimizing loss: Graph.Node, over prefix: String, in graph: Graph,
    observing observed: [Graph.Node] = [], threads: Int
  ) throws(EngineError) -> Int {
    let (graph, _, plan) = try compile(graph, loss, prefix, observed, true, threads: threads)
    return ProgramMemory.bytes(plan, graph, Placement(plan.buffers))
  }

  private func place(of node: Graph.Node) -> Int { (places[node] ?? node).index }

  /// The bytes of the buffers, the frozen constants not included.
  public var memoryBytes: Int { memory.bytes }

  /// The names of the operations that are run forward, in order.
  package var operationNames: [String] { forwardSteps.map(\.operation.name) }

  // MARK: Running

  /// Computes every value.
  public func forward() {
    for step in forwardSteps { step.operation.forward(step.pass) }
  }

  /// Computes every value and the gradient of the loss, and returns the loss.
  @discardableResult
  public func forwardAndBackward() -> Float {
    forward()
    for step in backwardSteps {
      switch step {
      case .pullback(let operation, let pass): operation.pullback(pass)
      case .accumulate(let source, let target): Elementwise.add(source, to: target, threads)
      }
    }
    return loss
  }

  /// The loss of the last run.
  public var loss: Float {
    guard let loss = plan.loss else { return 0 }
    return memory.value(loss).elements[0]
  }

  // MARK: Values

  /// Sets an input.
  ///
  /// - Throws: ``EngineError/mismatch(name:expected:found:)``.
  public func set(_ input: Graph.Node, to tensor: Tensor) throws(EngineError) {
    guard tensor.shape == input.shape else {
      throw .mismatch(name: "the input", expected: input.shape, found: tensor.shape)
    }
    withUnsafeMutableInput(input) { target in
      tensor.withUnsafeElements { _ = target.update(fromContentsOf: $0) }
    }
  }

  /// Fills an input in place.
  package func withUnsafeMutableInput<R>(
    _ input: Graph.Node, _ body: (UnsafeMutableBufferPointer<Float>) -> R
  ) -> R {
    let place = place(of: input)
    guard plan.inputs.contains(place) else {
      preconditionFailure("this node is no input of the program")
    }
    let view = memory.value(place)
    return body(UnsafeMutableBufferPointer(start: view.elements, count: view.count))
  }

  /// A copy of an observed value, as the last run left it.
  public func value(of node: Graph.Node) -> Tensor {
    var tensor = Tensor(node.shape)
    copy(valueOf: node, to: &tensor)
    return tensor
  }

  /// Copies an observed value, as the last run left it, to a tensor of its shape.
  package func copy(valueOf node: Graph.Node, to tensor: inout Tensor) {
    precondition(tensor.shape == node.shape, "cannot copy \(node.shape) to \(tensor.shape)")
    withSpan(of: node) { source in
      tensor.withUnsafeMutableElements { target in
        for index in source.indices { target[index] = source[index] }
      }
    }
  }

  /// Calls `body` with the elements of an observed value, as the last run left them.
  public func withSpan<R>(of node: Graph.Node, _ body: (Span<Float>) throws -> R) rethrows -> R {
    let place = place(of: node)
    precondition(plan.isObservable(place), "only observed values can be read after a run")
    let view = memory.value(place)
    return try body(UnsafeBufferPointer(start: view.elements, count: view.count).span)
  }

  // MARK: Parameters

  /// The names of the optimised parameters, in the order in which they lie in ``parameters``.
  public var parameterNames: [String] { plan.optimized.map(\.name) }

  /// All optimised parameters as one vector (with padding between them): what an optimiser steps
  /// through and what a snapshot keeps.
  public var parameters: Tensor {
    get {
      var copy = Tensor([memory.parameters.count])
      copy.withUnsafeMutableElements { _ = $0.update(fromContentsOf: memory.parameters) }
      return copy
    }
    set {
      precondition(newValue.shape.count == memory.parameters.count)
      newValue.withUnsafeElements { _ = memory.parameters.update(fromContentsOf: $0) }
    }
  }

  /// The value of a parameter.
  ///
  /// - Throws: ``EngineError/noParameters(prefix:)`` where the program optimises none of this name.
  public func parameter(_ name: String) throws(EngineError) -> Tensor {
    memory.copy(try range(of: name), of: memory.parameters)
  }

  /// The gradient of the loss with respect to a parameter, as the last run left it.
  ///
  /// - Throws: ``EngineError/noParameters(prefix:)`` where the program optimises none of this name.
  public func gradient(_ name: String) throws(EngineError) -> Tensor {
    memory.copy(try range(of: name), of: memory.gradients)
  }

  /// Sets a parameter.
  ///
  /// - Throws: ``EngineError`` for an unknown name or another shape.
  public func setParameter(_ name: String, to tensor: Tensor) throws(EngineError) {
    let parameter = try range(of: name)
    guard tensor.shape == parameter.shape else {
      throw .mismatch(name: name, expected: parameter.shape, found: tensor.shape)
    }
    tensor.withUnsafeElements { source in
      for index in source.indices { memory.parameters[parameter.offset + index] = source[index] }
    }
  }

  /// Adds normal numbers to the parameters of so many axes, those of each from a stream of its own.
  package func addNoise(
    toParametersOfRank rank: Int, standardDeviation: Float, _ random: inout RandomSource
  ) {
    for parameter in plan.optimized where parameter.shape.rank == rank {
      let noise = random.normal(parameter.shape, standardDeviation: standardDeviation)
      noise.withUnsafeElements { noise in
        for index in noise.indices { memory.parameters[parameter.offset + index] += noise[index] }
      }
    }
  }

  /// One step of an optimiser with the gradients of the last run.
  public func step(_ optimizer: inout some Optimizer) {
    var parameters = memory.parameters.mutableSpan
    optimizer.step(
      parameters: &parameters, gradients: UnsafeBufferPointer(memory.gradients).span,
      threads: threads)
  }

  private func range(of name: String) throws(EngineError) -> ProgramPlan.Parameter {
    guard let parameter = plan.optimized.first(where: { $0.name == name }) else {
      throw .noParameters(prefix: name)
    }
    return parameter
  }

  // MARK: Compilation

  private func build(_ graph: Graph) {
    for step in plan.forward {
      guard case .operation(let operation, let inputs) = graph.sources[step] else { continue }
      forwardSteps.append(
        (
          operation,
          ForwardPass(
            inputs: inputs.map { memory.value($0.index) }, output: memory.value(step),
            saved: memory.saved(step), scratch: memory.scratch(forward: step), threads: threads)
        ))
    }
    for step in plan.backward {
      guard case .operation(let operation, let inputs) = graph.sources[step.node] else { continue }
      let gradients = step.contributions.map { contribution -> View? in
        switch contribution {
        case .none: nil
        case .write(let node), .accumulate(let node): memory.gradient(node)
        case .add(_, let temporary): memory.temporary(temporary)
        }
      }
      backwardSteps.append(
        .pullback(
          operation,
          PullbackPass(
            inputs: inputs.map { memory.value($0.index) }, output: memory.value(step.node),
            outputGradient: memory.gradient(step.node), inputGradients: gradients,
            adds: step.contributions.map { if case .accumulate = $0 { true } else { false } },
            saved: memory.saved(step.node), scratch: memory.scratch(backward: step.node),
            threads: threads)))
      for case .add(let node, let temporary) in step.contributions {
        backwardSteps.append(
          .accumulate(from: memory.temporary(temporary), into: memory.gradient(node)))
      }
    }
  }
}
