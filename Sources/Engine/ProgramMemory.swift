import Foundation

/// The memory of a program: one arena in which buffers that never live together share their place.
final class ProgramMemory {
  let parameters: UnsafeMutableBufferPointer<Float>
  let gradients: UnsafeMutableBufferPointer<Float>
  let bytes: Int

  private let arena: UnsafeMutablePointer<Float>
  private let inputs: UnsafeMutablePointer<Float>
  private let constants: [Tensor]
  private var values: [Int: View] = [:]
  private var gradientViews: [Int: View] = [:]
  private var temporaries: [Int: View] = [:]
  private var others: [ProgramPlan.Buffer.Role: UnsafeMutablePointer<Float>] = [:]

  init(_ plan: ProgramPlan, _ graph: Graph) throws(EngineError) {
    let placement = Placement(plan.buffers)
    let inputCount = Self.inputCount(plan, graph)
    bytes = Self.bytes(plan, graph, placement)
    // Sooner than the system would find out, by ending some process.
    if let available = Memory.available, bytes > available { throw .memory(bytes: bytes) }
    arena = try Self.allocate(placement.count)
    inputs = try Self.allocate(inputCount)
    parameters = UnsafeMutableBufferPointer(
      start: try Self.allocate(plan.parameterCount), count: plan.parameterCount)
    gradients = UnsafeMutableBufferPointer(
      start: try Self.allocate(plan.parameterCount), count: plan.parameterCount)

    var constants: [Tensor] = []
    var inputOffset = 0
    for input in plan.inputs {
      let shape = graph.nodes[input].shape
      values[input] = View(shape: shape, elements: inputs + inputOffset)
      inputOffset += Placement.aligned(shape.count)
    }
    for parameter in plan.optimized {
      guard case .parameter(_, let initial) = graph.sources[parameter.node],
        let values = parameters.baseAddress, let gradients = gradients.baseAddress
      else { continue }
      initial.withUnsafeElements { source in
        for index in source.indices { values[parameter.offset + index] = source[index] }
      }
      self.values[parameter.node] = View(
        shape: parameter.shape, elements: values + parameter.offset)
      gradientViews[parameter.node] = View(
        shape: parameter.shape, elements: gradients + parameter.offset)
    }
    // What is frozen is read where the graph keeps it. The program owns a reference, and a tensor's
    // storage never changes while it is shared.
    for (node, source) in graph.sources.enumerated() where values[node] == nil {
      switch source {
      case .constant(let tensor), .parameter(_, let tensor):
        constants.append(tensor)
        let start = tensor.withUnsafeElements { UnsafeMutablePointer(mutating: $0.baseAddress) }
        if let start { values[node] = View(shape: tensor.shape, elements: start) }
      case .input, .operation: break
      }
    }
    self.constants = constants
    var moments: [Int: UnsafeMutablePointer<Float>] = [:]
    for (buffer, offset) in zip(plan.buffers, placement.offsets) {
      if case .moments(let node) = buffer.role { moments[node] = arena + offset }
    }
    for (buffer, offset) in zip(plan.buffers, placement.offsets) {
      let start = arena + offset
      switch buffer.role {
      case .value(let node):
        values[node] = View(
          shape: graph.nodes[node].shape, elements: start, moments: moments[node])
      case .moments: break
      case .gradient(let node):
        gradientViews[node] = View(shape: graph.nodes[node].shape, elements: start)
      case .temporary(let index):
        temporaries[index] = View(shape: [buffer.count], elements: start)
      case .saved, .forwardScratch, .backwardScratch: others[buffer.role] = start
      }
    }
    for step in plan.backward {
      for case .add(let node, let temporary) in step.contributions {
        if let view = temporaries[temporary] {
          temporaries[temporary] = View(shape: graph.nodes[node].shape, elements: view.elements)
        }
      }
    }
    if let loss = plan.loss { gradientViews[loss]?.elements.initialize(to: 1) }
  }

  /// The bytes that a program takes.
  static func bytes(_ plan: ProgramPlan, _ graph: Graph, _ placement: Placement) -> Int {
    (placement.count + inputCount(plan, graph) + 2 * plan.parameterCount)
      * MemoryLayout<Float>.stride
  }

  private static func inputCount(_ plan: ProgramPlan, _ graph: Graph) -> Int {
    plan.inputs.reduce(0) { $0 + Placement.aligned(graph.nodes[$1].shape.count) }
  }

  deinit {
    free(arena)
    free(inputs)
    free(parameters.baseAddress)
    free(gradients.baseAddress)
  }

  func value(_ node: Int) -> View { found(values[node]) }
  func gradient(_ node: Int) -> View { found(gradientViews[node]) }
  func temporary(_ index: Int) -> View { found(temporaries[index]) }
  func saved(_ node: Int) -> UnsafeMutablePointer<Float> { others[.saved(node)] ?? arena }
  func scratch(forward node: Int) -> UnsafeMutablePointer<Float> {
    others[.forwardScratch(node)] ?? arena
  }
  func scratch(backward node: Int) -> UnsafeMutablePointer<Float> {
    others[.backwardScratch(node)] ?? arena
  }

  func copy(
    _ parameter: ProgramPlan.Parameter, of array: UnsafeMutableBufferPointer<Float>
  ) -> Tensor {
    var tensor = Tensor(parameter.shape)
    tensor.withUnsafeMutableElements { target in
      for index in target.indices { target[index] = array[parameter.offset + index] }
    }
    return tensor
  }

  private func found(_ view: View?) -> View {
    guard let view else { preconditionFailure("the program has no buffer for this node") }
    return view
  }

  /// Zeroed memory.
  private static func allocate(
    _ count: Int
  ) throws(EngineError) -> UnsafeMutablePointer<Float> {
    guard let memory = Memory.allocate(count) else {
      throw .memory(bytes: count * MemoryLayout<Float>.stride)
    }
    memory.initialize(repeating: 0, count: max(count, 16))
    return memory
  }
}

/// Offsets in one arena for buffers with lifetimes: each, in some order, goes to the lowest place that is
/// free for as long as it lives. Of a few orders the one that needs the least memory is taken.
struct Placement {
  private(set) var offsets: [Int]
  private(set) var count = 0

  /// Buffers begin on cache lines.
  static func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }

  init(_ buffers: [ProgramPlan.Buffer]) {
    // Sizes that differ by little count as equal: a buffer that does not quite fit wastes its own size.
    func size(_ index: Int) -> Int {
      buffers[index].count.bitWidth - buffers[index].count.leadingZeroBitCount
    }
    func length(_ index: Int) -> Int { buffers[index].end - buffers[index].start }
    let keys: [(Int) -> (Int, Int, Int)] = [
      { (-buffers[$0].count, buffers[$0].start, buffers[$0].end) },
      { (-size($0), -length($0), buffers[$0].start) },
      { (-size($0), buffers[$0].start, buffers[$0].end) },
      { (-size($0), -buffers[$0].end, buffers[$0].start) },
    ]
    self.init(buffers, order: buffers.indices.sorted { keys[0]($0) < keys[0]($1) })
    for key in keys.dropFirst() {
      let other = Placement(buffers, order: buffers.indices.sorted { key($0) < key($1) })
      if other.count < count { self = other }
    }
  }

  private init(_ buffers: [ProgramPlan.Buffer], order: [Int]) {
    offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [Int] = []
    for index in order {
      let buffer = buffers[index]
      let neighbours =
        placed
        .filter { buffers[$0].start <= buffer.end && buffer.start <= buffers[$0].end }
        .sorted { offsets[$0] < offsets[$1] }
      var offset = 0
      for neighbour in neighbours {
        if offset + buffer.count <= offsets[neighbour] { break }
        offset = max(offset, offsets[neighbour] + Self.aligned(buffers[neighbour].count))
      }
      offsets[index] = offset
      placed.append(index)
      count = max(count, offset + Self.aligned(buffer.count))
    }
  }
}
