extension PickleObjects {
  /// The tensors in nested dictionaries and lists, by their keys and indices with dots between them.
  ///
  /// - Throws: ``PickleProblem`` where one holds itself, or they are too many or too deep.
  func tensors(
    in root: PickleValue
  ) throws(PickleProblem) -> [(name: String, tensor: TorchTensor)] {
    var walk = Walk(objects: self)
    try walk.visit(root, at: "")
    return walk.found
  }

  private struct Walk {
    let objects: PickleObjects
    var found: [(name: String, tensor: TorchTensor)] = []
    private var names: Set<String> = []
    private var visits = 0
    /// The containers on the way to where we are.
    private var path: Set<Place> = []

    private enum Place: Hashable { case sequence(Int), dictionary(Int) }

    init(objects: PickleObjects) { self.objects = objects }

    mutating func visit(_ value: PickleValue, at name: String) throws(PickleProblem) {
      visits += 1
      // Containers that are shared are walked wherever they are.
      guard visits <= PickleMachine.Limits.instructions, found.count <= WeightFile.Limits.objects
      else {
        throw .refused(
          """
          it has more than \(PickleMachine.Limits.instructions) values or \
          \(WeightFile.Limits.objects) tensors
          """)
      }
      switch value {
      case .tensor(let tensor):
        guard names.insert(name).inserted else {
          throw .corrupt("two tensors have the name \(name)")
        }
        found.append((name.isEmpty ? "tensor" : name, tensor))
      case .dictionary(let place):
        try enter(.dictionary(place), at: name)
        for (key, value) in objects.dictionaries[place] {
          switch key {
          case .text(let text): try visit(value, at: join(name, text))
          case .integer(let number): try visit(value, at: join(name, "\(number)"))
          default: break
          }
        }
        path.remove(.dictionary(place))
      case .sequence(let place):
        try enter(.sequence(place), at: name)
        for (index, value) in objects.sequences[place].enumerated() {
          try visit(value, at: join(name, "\(index)"))
        }
        path.remove(.sequence(place))
      default: break
      }
    }

    private mutating func enter(_ place: Place, at name: String) throws(PickleProblem) {
      guard path.insert(place).inserted else {
        throw .corrupt("it holds itself at \(name.abbreviated)")
      }
      guard path.count <= WeightFile.Limits.depth else {
        throw .refused("it has more than \(WeightFile.Limits.depth) levels")
      }
    }

    private func join(_ name: String, _ key: String) throws(PickleProblem) -> String {
      let joined = name.isEmpty ? key : name + "." + key
      guard joined.utf8.count <= WeightFile.Limits.nameBytes else {
        throw .refused("a name of more than \(WeightFile.Limits.nameBytes) bytes")
      }
      return joined
    }
  }
}
