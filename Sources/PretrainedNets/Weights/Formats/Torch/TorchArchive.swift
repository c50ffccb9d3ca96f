import Engine

/// A file of `torch.save`: a pickle that describes tensors in dictionaries, and the storages that they
/// are windows on; since PyTorch 1.6 in a zip archive, before one behind the other.
///
/// The pickle is read by ``PickleMachine``: no code of it is run.
struct TorchArchive: TensorArchive {
  let path: String
  let entries: [WeightFile.Entry]
  private let windows: [String: TorchWindow]

  static func recognizes(_ head: FileHead) -> Bool {
    head.bytes.starts(with: ZipDirectory.signature) || TorchContents.isPickle(head)
  }

  init(_ head: FileHead) throws(WeightFileError) {
    path = head.path
    let file = try RawFile(head)
    let contents =
      TorchContents.isPickle(head)
      ? try TorchContents(legacy: file) : try TorchContents(zip: file)
    var (entries, windows) = ([WeightFile.Entry](), [String: TorchWindow]())
    for (name, tensor) in contents.tensors where !tensor.extents.contains(0) {
      windows[name] = try contents.window(of: tensor, named: name, in: file)
      entries.append(WeightFile.Entry(path: name, extents: tensor.extents, type: tensor.type))
    }
    (self.entries, self.windows) = (entries, windows)
  }

  func tensors(at paths: [String]) throws(WeightFileError) -> [Tensor] {
    let file = try RawFile(at: path)
    var tensors: [Tensor] = []
    for inside in paths {
      guard let window = windows[inside] else { throw .noTensor(file: path, inside: inside) }
      tensors.append(window.gather(try file.tensor(window.numbers, inside: inside)))
    }
    return tensors
  }
}

/// What a file of `torch.save` describes.
struct TorchContents {
  let tensors: [(name: String, tensor: TorchTensor)]
  /// Where the storages lie, by their keys.
  let storages: [String: FileRegion]
  let byteOrder: RawTensor.ByteOrder

  /// The numbers that a tensor is a window on.
  ///
  /// - Throws: ``WeightFileError`` where it reaches beyond its storage.
  func window(
    of tensor: TorchTensor, named name: String, in file: borrowing RawFile
  ) throws(WeightFileError) -> TorchWindow {
    let storage = tensor.storage
    guard let region = storages[storage.key] else {
      throw .corrupt(
        file: file.path, inside: name, reason: "there is no storage \(storage.key.abbreviated)")
    }
    let (byteCount, overflows) = storage.count.multipliedReportingOverflow(by: storage.byteWidth)
    guard !overflows, byteCount == region.byteCount else {
      throw .corrupt(
        file: file.path, inside: name,
        reason: """
          its storage \(storage.key.abbreviated) has \(region.byteCount) bytes, \
          not those of \(storage.count) numbers
          """)
    }
    let width = tensor.type.byteWidth ?? 1
    // Neither overflows: the part lies within the storage, and the storage within the file.
    let start = (storage.part?.lowerBound ?? 0) * storage.byteWidth
    let available = (storage.part?.count ?? storage.count) * storage.byteWidth / width
    let whole = RawTensor(
      offset: region.offset + UInt64(start), extents: [available], type: tensor.type,
      byteOrder: byteOrder)
    guard let window = TorchWindow(of: tensor, on: whole) else {
      throw .corrupt(
        file: file.path, inside: name,
        reason: """
          its shape \(tensor.extents) with strides \(tensor.strides) from element \
          \(tensor.offset) on does not fit into the \(available) numbers of its storage
          """)
    }
    return window
  }
}

extension WeightFileError {
  /// A problem of the pickle at a place in the file.
  init(_ problem: PickleProblem, file: String, inside: String) {
    self =
      switch problem {
      case .corrupt(let reason): .corrupt(file: file, inside: inside, reason: reason)
      case .refused(let reason): .refused(file: file, inside: inside, reason: reason)
      }
  }
}
