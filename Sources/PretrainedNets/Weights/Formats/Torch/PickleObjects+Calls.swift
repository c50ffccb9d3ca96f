// What a pickle of tensors may ask for, and what becomes of it. Nothing here runs anything.

extension PickleObjects {
  /// What calling a function or class with these arguments gives.
  ///
  /// - Throws: ``PickleProblem`` where it is not one of those that make tensors.
  mutating func call(
    _ function: PickleValue, _ arguments: PickleValue
  ) throws(PickleProblem) -> PickleValue {
    guard case .global(let name) = function else { throw refusal(of: function) }
    guard let items = items(arguments) else { throw .corrupt("\(name) is called with nothing") }
    switch name {
    case "collections.OrderedDict", "collections.defaultdict":
      return try dictionary(of: name.hasSuffix("Dict") ? items.first : nil)
    case "torch.Size": return items.first ?? sequence([])
    case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
      guard case .tensor = items.first else { throw .corrupt("a parameter that is no tensor") }
      return items[0]
    case "torch._tensor._rebuild_from_type_v2":
      // The function, the class, the arguments of the function, and attributes.
      guard items.count >= 3, case .global(let inner) = items[0], Self.rebuilders.contains(inner)
      else { throw refusal(of: items.first ?? .none) }
      return try tensor(inner, self.items(items[2]) ?? [])
    case let name where Self.rebuilders.contains(name): return try tensor(name, items)
    case let name where Self.bystanders.contains(name): return .inert
    default: throw .asks(for: name)
    }
  }

  /// An object without its state.
  func instance(of kind: PickleValue) throws(PickleProblem) -> PickleValue {
    guard case .global(let name) = kind else { throw refusal(of: kind) }
    return Self.bystanders.contains(name) ? .inert : .instance(name)
  }

  /// Gives an object its state, of which weights need none.
  func build(_ object: PickleValue, _ state: PickleValue) throws(PickleProblem) {
    switch object {
    case .dictionary, .tensor, .inert: break
    case .instance(let name):
      guard case .dictionary(let place) = state,
        dictionaries[place].contains(where: { $0.key.text == "_parameters" })
      else { throw .asks(for: name) }
      throw .wholeModule(name)
    default: throw refusal(of: object)
    }
  }

  /// The storage that a file names by `("storage", class, key, device, count)` and, in the legacy
  /// form, a part of it `(key, offset, count)`.
  mutating func storage(of name: PickleValue) throws(PickleProblem) -> PickleValue {
    let items = items(name) ?? []
    if items.first?.text == "module", items.count > 1, case .global(let kind) = items[1] {
      throw .wholeModule(kind)
    }
    guard items.count >= 5, items[0].text == "storage", case .global(let kind) = items[1],
      let key = items[2].text, let count = items[4].integer, count >= 0
    else { throw .corrupt("a storage without a name and a length") }
    let type = TorchStorage.types[kind.replacing("torch.cuda.", with: "torch.", maxReplacements: 1)]
    guard type != nil || kind == "torch.storage.UntypedStorage" else {
      throw .refused(
        "it has numbers in a \(kind.abbreviated), which is not read; save it as float32")
    }
    var storage = TorchStorage(key: key, type: type, count: count)
    guard storages.updateValue(storage, forKey: key) ?? storage == storage else {
      throw .corrupt("two storages of the name \(key.abbreviated)")
    }
    if items.count > 5, let view = self.items(items[5]) {
      guard view.count == 3, let start = view[1].integer, let length = view[2].integer,
        start >= 0, length >= 0, start <= count, length <= count - start
      else { throw .corrupt("a part of a storage that reaches beyond it") }
      storage.part = start..<start + length
    }
    return .storage(storage)
  }

  /// The error of running what is not to be run.
  func refusal(of value: PickleValue) -> PickleProblem {
    if case .global(let name) = value { return .asks(for: name) }
    if case .instance(let name) = value { return .asks(for: name) }
    return .corrupt("it calls what is no function")
  }

  /// A dictionary, of a list of pairs if there is one, as Python 2 wrote it.
  private mutating func dictionary(of pairs: PickleValue?) throws(PickleProblem) -> PickleValue {
    let items = items(pairs) ?? []
    // The same list can be copied again and again.
    copiedCount += items.count
    guard copiedCount <= PickleMachine.Limits.instructions else {
      throw .refused("it has more than \(PickleMachine.Limits.instructions) pairs")
    }
    let made = dictionary()
    for item in items {
      guard let pair = self.items(item), pair.count == 2 else {
        throw .corrupt("a dictionary of what are no pairs")
      }
      dictionaries[dictionaries.count - 1].append((pair[0], pair[1]))
    }
    return made
  }

  /// The tensor of `(storage, offset, size, strides, …)`; the third form names a type at the end.
  private func tensor(
    _ name: String, _ items: [PickleValue]
  ) throws(PickleProblem) -> PickleValue {
    guard items.count >= 4, case .storage(let storage) = items[0],
      let offset = items[1].integer, let extents = integers(items[2]),
      let strides = integers(items[3]), strides.count == extents.count
    else { throw .corrupt("a tensor without a storage, an offset, a shape and strides") }
    var type = storage.type
    if name.hasSuffix("_v3") {
      guard items.count >= 7, case .global(let kind) = items[6] else {
        throw .corrupt("a tensor without a type")
      }
      type = TorchStorage.types[kind]
      guard type != nil else {
        throw .refused(
          "it has numbers of type \(kind.abbreviated), which is not read; save it as float32")
      }
    }
    guard let type else { throw .corrupt("a tensor without a type") }
    return .tensor(
      TorchTensor(
        storage: storage, type: type, offset: offset, extents: extents, strides: strides))
  }

  private static let rebuilders: Set<String> = [
    "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor_v3",
  ]

  /// What checkpoints hold beside their tensors, and what is left out.
  private static let bystanders: Set<String> = [
    "_codecs.encode", "argparse.Namespace", "builtins.set", "__builtin__.set",
    "collections.Counter", "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar",
    "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
    "numpy.dtype", "numpy.ndarray", "pathlib.PosixPath", "torch.device",
  ]
}
