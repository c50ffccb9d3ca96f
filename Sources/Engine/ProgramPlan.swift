/// What a program does, in order, and how long each buffer lives: derived from the graph alone.
struct ProgramPlan {
  /// An optimised parameter and its place in the flat array of all of them.
  struct Parameter {
    let name: String
    let node: Int
    let shape: Shape
    let offset: Int
  }

  /// Where a pullback's gradient for one input goes.
  enum Contribution {
    /// Nobody wants it.
    case none
    /// It is the first for this node: written in place.
    case write(Int)
    /// There is one already, and the pullback adds to it in place.
    case accumulate(Int)
    /// There is one already: written to a temporary buffer, then added.
    case add(Int, temporary: Int)
  }

  struct BackwardStep {
    let node: Int
    let contributions: [Contribution]
  }

  /// A stretch of the arena: `count` numbers, in use from step `start` to step `end`.
  struct Buffer {
    enum Role: Hashable {
      case value(Int), moments(Int), gradient(Int), saved(Int), temporary(Int)
      case forwardScratch(Int), backwardScratch(Int)
    }
    let role: Role
    let count: Int
    var start: Int
    var end: Int
  }

  let loss: Int?
  private(set) var forward: [Int] = []
  private(set) var backward: [BackwardStep] = []
  private(set) var optimized: [Parameter] = []
  private(set) var inputs: [Int] = []
  private(set) var buffers: [Buffer] = []
  private var observed: Set<Int>

  /// Parameters begin on cache lines.
  static let parameterAlignment = 16

  init(
    _ graph: Graph, loss: Graph.Node?, prefix: String?, observed: [Graph.Node], threads: Int
  ) {
    self.loss = loss?.index
    self.observed = Set(observed.map(\.index) + (loss.map { [$0.index] } ?? []))
    schedule(graph, prefix: prefix)
    measureLifetimes(graph, threads: threads)
  }

  /// The numbers in the flat array of optimised parameters.
  var parameterCount: Int {
    optimized.last.map { Self.aligned($0.offset + $0.shape.count) } ?? 0
  }

  func isObservable(_ node: Int) -> Bool { observed.contains(node) }

  private static func aligned(_ count: Int) -> Int {
    (count + parameterAlignment - 1) / parameterAlignment * parameterAlignment
  }

  // MARK: Order of work

  private mutating func schedule(_ graph: Graph, prefix: String?) {
    var isNeeded = [Bool](repeating: false, count: graph.nodes.count)
    for node in observed { isNeeded[node] = true }
    for node in graph.nodes.indices.reversed() where isNeeded[node] {
      if case .operation(_, let inputs) = graph.sources[node] {
        for input in inputs { isNeeded[input.index] = true }
      }
    }
    // Forward in the order of description, which is a topological one.
    var carriesGradient = [Bool](repeating: false, count: graph.nodes.count)
    for node in graph.nodes.indices where isNeeded[node] {
      switch graph.sources[node] {
      case .input: inputs.append(node)
      case .constant: break
      case .parameter(let name, _):
        guard let prefix, name.hasPrefix(prefix) else { break }
        carriesGradient[node] = true
        optimized.append(
          Parameter(
            name: name, node: node, shape: graph.nodes[node].shape, offset: parameterCount))
      case .operation(let operation, let operands):
        forward.append(node)
        carriesGradient[node] = operands.enumerated().contains { position, operand in
          operation.isDifferentiable(input: position) && carriesGradient[operand.index]
        }
      }
    }
    if let loss, carriesGradient[loss] { derive(graph, loss, carriesGradient) }
  }

  private mutating func derive(_ graph: Graph, _ loss: Int, _ carriesGradient: [Bool]) {
    var hasGradient = [Bool](repeating: false, count: graph.nodes.count)
    hasGradient[loss] = true
    var temporaries = 0
    for node in forward.reversed() where hasGradient[node] && carriesGradient[node] {
      guard case .operation(let operation, let operands) = graph.sources[node] else { continue }
      var contributions: [Contribution] = []
      for (position, operand) in operands.enumerated() {
        if !carriesGradient[operand.index] || !operation.isDifferentiable(input: position) {
          contributions.append(.none)
        } else if hasGradient[operand.index] {
          if operation.addsToGradient(ofInput: position),
            !operands.prefix(position).contains(operand)
          {
            contributions.append(.accumulate(operand.index))
            continue
          }
          contributions.append(.add(operand.index, temporary: temporaries))
          temporaries += 1
        } else {
          contributions.append(.write(operand.index))
          hasGradient[operand.index] = true
        }
      }
      backward.append(BackwardStep(node: node, contributions: contributions))
    }
    // A parameter that the loss does not depend on has no gradient to follow.
    optimized = optimized.filter { hasGradient[$0.node] }
    var offset = 0
    optimized = optimized.map { parameter in
      defer { offset = Self.aligned(offset + parameter.shape.count) }
      return Parameter(
        name: parameter.name, node: parameter.node, shape: parameter.shape, offset: offset)
    }
  }

  // MARK: Lifetimes

  /// Steps are numbered through both passes; a buffer lives from its first use to its last.
  private mutating func measureLifetimes(_ graph: Graph, threads: Int) {
    let end = forward.count + backward.count
    var buffers: [Buffer] = []
    var places: [Buffer.Role: Int] = [:]
    func use(_ role: Buffer.Role, _ count: Int, at step: Int) {
      guard count > 0 else { return }
      if let place = places[role] {
        buffers[place].start = min(buffers[place].start, step)
        buffers[place].end = max(buffers[place].end, step)
      } else {
        places[role] = buffers.count
        buffers.append(Buffer(role: role, count: count, start: step, end: step))
      }
    }
    let parameters = Set(optimized.map(\.node))
    func useValue(_ node: Int, at step: Int) {
      guard case .operation(let operation, _) = graph.sources[node] else { return }
      use(.value(node), graph.nodes[node].shape.count, at: step)
      if operation.gathersMoments {
        use(.moments(node), 2 * graph.nodes[node].shape.channels, at: step)
      }
    }
    func useGradient(_ node: Int, at step: Int) {
      if !parameters.contains(node) {
        use(.gradient(node), graph.nodes[node].shape.count, at: step)
      }
    }

    for (step, node) in forward.enumerated() {
      guard case .operation(let operation, let operands) = graph.sources[node] else { continue }
      let shapes = operands.map(\.shape)
      useValue(node, at: step)
      for operand in operands { useValue(operand.index, at: step) }
      use(.saved(node), operation.savedCount(for: shapes), at: step)
      use(.forwardScratch(node), operation.scratchCount(for: shapes, threads: threads), at: step)
    }
    for (position, backwardStep) in backward.enumerated() {
      let step = forward.count + position
      let node = backwardStep.node
      guard case .operation(let operation, let operands) = graph.sources[node] else { continue }
      let shapes = operands.map(\.shape)
      if operation.pullbackReads.contains(.output) { useValue(node, at: step) }
      if operation.pullbackReads.contains(.inputs) {
        for operand in operands { useValue(operand.index, at: step) }
      }
      useGradient(node, at: step)
      use(.saved(node), operation.savedCount(for: shapes), at: step)
      use(.backwardScratch(node), operation.scratchCount(for: shapes, threads: threads), at: step)
      for contribution in backwardStep.contributions {
        switch contribution {
        case .none: break
        case .write(let target), .accumulate(let target): useGradient(target, at: step)
        case .add(let target, let temporary):
          useGradient(target, at: step)
          use(.temporary(temporary), graph.nodes[target].shape.count, at: step)
        }
      }
    }
    for node in observed { useValue(node, at: end) }
    if let loss {
      // Set to 1 once, so it lives through both passes of every run.
      useGradient(loss, at: 0)
      useGradient(loss, at: end)
    }
    self.buffers = buffers
  }
}
