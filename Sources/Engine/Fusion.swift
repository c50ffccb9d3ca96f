/// Rewrites a graph into one that computes the same with fewer passes over memory.
///
/// Every node of the old graph gets a ``Form``: a node of the new graph, or a promise of what its readers
/// compute on the way. A rule decides on the form of one kind of operation; readers that cannot take a
/// promise ask for the value itself (``value(of:)``). The rules are in `Fusion+Rules.swift`.
struct Fusion {
  /// How a value of the old graph is to be had from the new one.
  enum Form {
    /// It is this node.
    case value(Graph.Node)
    /// It is this node read through these terms and rectified.
    case pending(Graph.Node, terms: Graph.Node, slope: Float)
    /// It is this form, enlarged by two.
    indirect case enlarged(Form, UpsamplingMethod)
    /// It is these, joined along the channels; the last is enlarged and the others, if any, are not.
    indirect case joined([Form])
    /// It is these nodes read through these terms: the plain channels, if any, and then the others,
    /// which are enlarged by two.
    case pendingJoin(
      plain: Graph.Node?, enlarged: Graph.Node, UpsamplingMethod, terms: Graph.Node, slope: Float)
  }

  private(set) var graph = Graph()
  private let source: Graph
  private let kept: Set<Int>
  private var readers: [[Int]]
  private var forms: [Form?]
  private var values: [Graph.Node?]
  /// Nodes of the old graph whose only reader, a rectifier, is part of them.
  var rectifiedConvolutions: Set<Int> = []

  /// Rewrites what `kept` depends on; the kept nodes are values afterwards.
  init(_ source: Graph, keeping kept: [Graph.Node]) throws(EngineError) {
    self.source = source
    self.kept = Set(kept.map(\.index))
    readers = [[Int]](repeating: [], count: source.nodes.count)
    forms = [Form?](repeating: nil, count: source.nodes.count)
    values = [Graph.Node?](repeating: nil, count: source.nodes.count)
    for (reader, source) in source.sources.enumerated() {
      guard case .operation(_, let inputs) = source else { continue }
      for input in inputs { readers[input.index].append(reader) }
    }
    for node in source.nodes {
      forms[node.index] = try rewrite(node)
      if self.kept.contains(node.index) { _ = try value(of: node) }
    }
  }

  /// The node of the new graph that is this one of the old; only kept nodes, inputs, constants and
  /// parameters are sure to have one.
  func node(for old: Graph.Node) -> Graph.Node? { values[old.index] }

  private mutating func rewrite(_ node: Graph.Node) throws(EngineError) -> Form {
    let new: Graph.Node
    switch source.sources[node.index] {
    case .input: new = graph.input(node.shape)
    case .constant(let tensor): new = graph.constant(tensor)
    case .parameter(let name, let initial): new = try graph.parameter(name, initial: initial)
    case .operation(let operation, let inputs):
      if let form = try apply(operation, to: inputs, as: node) {
        if case .value(let new) = form { values[node.index] = new }
        return form
      }
      new = try graph.apply(operation, to: values(of: inputs))
    }
    values[node.index] = new
    return .value(new)
  }

  // MARK: What rules ask

  /// The form of a node that was met before.
  func form(of node: Graph.Node) -> Form {
    guard let form = forms[node.index] else {
      preconditionFailure("a node is read before it is described")
    }
    return form
  }

  /// The value of a node in the new graph, computed now where it was only promised.
  mutating func value(of node: Graph.Node) throws(EngineError) -> Graph.Node {
    if let value = values[node.index] { return value }
    let value = try self.value(of: form(of: node))
    values[node.index] = value
    return value
  }

  mutating func values(of nodes: [Graph.Node]) throws(EngineError) -> [Graph.Node] {
    var values: [Graph.Node] = []
    for node in nodes { values.append(try value(of: node)) }
    return values
  }

  private mutating func value(of form: Form) throws(EngineError) -> Graph.Node {
    switch form {
    case .value(let node): return node
    case .pending(let node, let terms, let slope):
      return try graph.apply(Normalization(slope: slope), to: [node, terms])
    case .enlarged(let form, let method): return try join([.enlarged(form, method)])
    case .joined(let forms): return try join(forms)
    case .pendingJoin: preconditionFailure("only convolutions that enlarge read such a join")
    }
  }

  /// The one operation that reads a node which nobody outside asks for.
  func onlyReader(of node: Graph.Node) -> (operation: any Operation, node: Graph.Node)? {
    guard !kept.contains(node.index), readers[node.index].count == 1,
      let reader = readers[node.index].first,
      case .operation(let operation, _) = source.sources[reader]
    else { return nil }
    return (operation, source.nodes[reader])
  }

  /// The shapes of what an operation of the old graph reads.
  func inputShapes(of node: Graph.Node) -> [Shape] {
    guard case .operation(_, let inputs) = source.sources[node.index] else { return [] }
    return inputs.map(\.shape)
  }

  /// Adds an operation to the new graph.
  mutating func add(
    _ operation: any Operation, _ inputs: [Graph.Node]
  ) throws(EngineError) -> Graph.Node {
    try graph.apply(operation, to: inputs)
  }

  /// Joins branches of one size.
  mutating func join(_ forms: [Form]) throws(EngineError) -> Graph.Node {
    var branches: [Join.Branch] = []
    var inputs: [Graph.Node] = []
    var terms: [Graph.Node] = []
    for form in forms {
      var branch = Join.Branch()
      var inner = form
      if case .enlarged(let small, let method) = form {
        (branch.factor, branch.method, inner) = (2, method, small)
      }
      switch inner {
      case .value(let node): inputs.append(node)
      case .pending(let node, let its, let slope):
        inputs.append(node)
        terms.append(its)
        branch.slope = slope
      case .enlarged, .joined, .pendingJoin: inputs.append(try value(of: inner))
      }
      branches.append(branch)
    }
    return try add(Join(branches: branches), inputs + terms)
  }
}
