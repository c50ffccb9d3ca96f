extension TorchContents {
  /// Reads the form of PyTorch since 1.6: a zip archive of `<name>/data.pkl`, `<name>/byteorder` and
  /// `<name>/data/<key>`, all stored as they are.
  init(zip file: borrowing RawFile) throws(WeightFileError) {
    let directory = try ZipDirectory(of: file)
    if let other = Self.otherFormat(of: directory) {
      throw .unknownFormat(file: file.path, format: other)
    }
    let pickles = directory.entries.keys.filter {
      $0.hasSuffix("/data.pkl") && $0.count { $0 == "/" } == 1
    }
    guard let pickle = pickles.first, pickles.count == 1 else {
      throw .unknownFormat(file: file.path, format: "a zip archive, but none of torch.save")
    }
    let root = pickle.dropLast("data.pkl".count)
    let (region, place) = (try directory.locate(pickle, in: file), pickle.abbreviated)
    guard region.byteCount <= PickleMachine.Limits.bytes else {
      throw .refused(
        file: file.path, inside: place,
        reason: """
          \(region.byteCount) bytes long, of which \(PickleMachine.Limits.bytes) at most are read
          """)
    }
    var machine = PickleMachine(
      try file.bytes(region.byteCount, at: region.offset, inside: place))
    do throws(PickleProblem) {
      let root = try machine.run()
      tensors = try machine.objects.tensors(in: root)
    } catch { throw WeightFileError(error, file: file.path, inside: place) }

    byteOrder = try Self.byteOrder(at: root + "byteorder", directory, file)
    var storages: [String: FileRegion] = [:]
    for (key, storage) in machine.objects.storages where storage.count > 0 {
      storages[key] = try directory.locate("\(root)data/\(key)", in: file)
    }
    self.storages = storages
  }

  /// That of the machine which wrote the file; little where it is not told.
  private static func byteOrder(
    at name: String, _ directory: ZipDirectory, _ file: borrowing RawFile
  ) throws(WeightFileError) -> RawTensor.ByteOrder {
    guard directory.entries[name] != nil else { return .little }
    let region = try directory.locate(name, in: file)
    let bytes = try file.bytes(min(region.byteCount, 16), at: region.offset, inside: name)
    switch String(decoding: bytes, as: UTF8.self) {
    case "little": return .little
    case "big": return .big
    default:
      throw .corrupt(file: file.path, inside: name, reason: "neither 'little' nor 'big'")
    }
  }

  /// Zip archives of others, in words; `nil` for what may be one of `torch.save`.
  private static func otherFormat(of directory: ZipDirectory) -> String? {
    let names = directory.entries.keys
    if names.contains(where: { $0.hasSuffix("/constants.pkl") }) {
      return """
        a TorchScript archive (in PyTorch, torch.save(torch.jit.load(path).state_dict(), …) \
        saves its weights alone)
        """
    }
    if names.contains("model.weights.h5") {
      return "a Keras 3 archive (unpacked as a zip, it has a model.weights.h5 that can be read)"
    }
    if !names.isEmpty, names.allSatisfy({ $0.hasSuffix(".npy") }) {
      return "a NumPy archive (.npz)"
    }
    return nil
  }
}
