/// What the instructions of a pickle push and pop.
///
/// Containers are numbers of places in ``PickleObjects``: one may hold itself, and however deep they lie
/// in one another, releasing them takes no recursion.
enum PickleValue {
  case none
  case integer(Int)
  case text(String)
  /// Bytes, and integers that are too wide for `Int`, little-endian.
  indirect case bytes(ArraySlice<UInt8>)
  /// A tuple or a list.
  case sequence(Int)
  case dictionary(Int)
  /// A class or function of Python by its full name; nothing of it is ever run.
  case global(String)
  /// An object of that class, which is no tensor and has no state yet.
  case instance(String)
  indirect case storage(TorchStorage)
  indirect case tensor(TorchTensor)
  /// What weights do not need: booleans, fractions, numbers of NumPy and the like.
  case inert
}

/// The containers of a pickle, and the storages that its tensors lie in.
struct PickleObjects {
  var storages: [String: TorchStorage] = [:]
  /// How many pairs have been copied from lists into dictionaries.
  var copiedCount = 0
  var sequences: [[PickleValue]] = []
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []

  mutating func sequence(_ items: [PickleValue]) -> PickleValue {
    sequences.append(items)
    return .sequence(sequences.count - 1)
  }

  mutating func dictionary() -> PickleValue {
    dictionaries.append([])
    return .dictionary(dictionaries.count - 1)
  }

  /// The items of a tuple or list.
  func items(_ value: PickleValue?) -> [PickleValue]? {
    guard case .sequence(let place) = value else { return nil }
    return sequences[place]
  }

  /// The integers of a tuple or list of such, one an axis of a tensor.
  func integers(_ value: PickleValue?) -> [Int]? {
    // As many axes as PyTorch has at most: what may be copied again and again has to be small.
    guard let items = items(value), items.count <= 64 else { return nil }
    let integers = items.compactMap(\.integer)
    return integers.count == items.count ? integers : nil
  }
}

extension PickleValue {
  var integer: Int? {
    guard case .integer(let value) = self else { return nil }
    return value
  }

  var text: String? {
    guard case .text(let value) = self else { return nil }
    return value
  }
}

/// What is wrong with a pickle.
enum PickleProblem: Error {
  case corrupt(String)
  /// It is well formed, but asks for what is not done.
  case refused(String)

  /// That of a pickle that asks for a class or function beyond the few that make tensors.
  static func asks(for global: String) -> PickleProblem {
    .refused("it asks for \(global.abbreviated), which weights never need; no code is run")
  }

  static func wholeModule(_ name: String) -> PickleProblem {
    .refused(
      """
      it is a whole module (\(name.abbreviated)) with its code; in PyTorch, \
      torch.save(model.state_dict(), …) saves the weights alone
      """)
  }
}
