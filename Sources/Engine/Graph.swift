/// A computation described once: inputs, constants, parameters and the operations on them.
///
/// Describing costs nothing but checks: every shape is verified as the graph grows. ``Program``
/// compiles a graph and runs it.
public struct Graph: Sendable {
  /// A value in a graph.
  public struct Node: Hashable, Sendable {
    package let index: Int
    public let shape: Shape
  }

  package enum Source: Sendable {
    case input
    case constant(Tensor)
    case parameter(name: String, initial: Tensor)
    case operation(any Operation, inputs: [Node])
  }

  package private(set) var sources: [Source] = []
  package private(set) var nodes: [Node] = []
  private var parameterNodes: [String: Node] = [:]

  public init() {}

  /// Adds a value that is set before a run, such as the noise a generator starts from.
  public mutating func input(_ shape: Shape) -> Node { add(.input, shape) }

  /// Adds a value that never changes, such as the weights of a frozen classifier.
  public mutating func constant(_ tensor: Tensor) -> Node { add(.constant(tensor), tensor.shape) }

  /// Adds a value that can be optimised.
  ///
  /// Its dotted name is unique in the graph, and the key of checkpoints.
  /// - Throws: ``EngineError/duplicateName(_:)``.
  public mutating func parameter(
    _ name: String, initial: Tensor
  ) throws(EngineError) -> Node {
    if parameterNodes[name] != nil { throw .duplicateName(name) }
    let node = add(.parameter(name: name, initial: initial), initial.shape)
    parameterNodes[name] = node
    return node
  }

  /// The names of the parameters, in the order in which they were added.
  public var parameterNames: [String] {
    sources.compactMap { if case .parameter(let name, _) = $0 { name } else { nil } }
  }

  /// The parameter of this name, if there is one.
  public func parameter(named name: String) -> Node? { parameterNodes[name] }

  /// Adds an operation.
  package mutating func apply(
    _ operation: any Operation, to inputs: [Node]
  ) throws(EngineError) -> Node {
    let shape = try operation.outputShape(for: inputs.map(\.shape))
    return add(.operation(operation, inputs: inputs), shape)
  }

  private mutating func add(_ source: Source, _ shape: Shape) -> Node {
    let node = Node(index: nodes.count, shape: shape)
    nodes.append(node)
    sources.append(source)
    return node
  }
}
