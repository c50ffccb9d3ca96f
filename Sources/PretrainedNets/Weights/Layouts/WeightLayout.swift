import Engine

/// How a family of files names the parameters of layers and orders their numbers.
protocol WeightLayout: Sendable, CustomStringConvertible {
  /// Whose conventions the files follow.
  var family: WeightFamily { get }

  /// Where a parameter of a layer lies; `nil` where the file has none.
  func place(
    of role: ParameterRole, _ shape: Shape, in layer: WeightedLayer, among entries: EntryIndex
  ) -> StoredParameter?

  /// Whether a tensor of the file belongs to the layer.
  func owns(_ path: String, layer: WeightedLayer) -> Bool
}

/// Whose conventions a file of weights follows. Where the same network was trained anew or ported, its
/// preprocessing and some of its layers differ by family (``Architecture/port(to:)``).
public enum WeightFamily: String, Sendable, Hashable, CaseIterable {
  case caffe, keras, torch, onnx
  /// heuritech's convnets-keras: Caffe's networks in Theano's Keras.
  case convnetsKeras = "convnets-keras"
}

/// Where a parameter lies in a file, and in what order.
struct StoredParameter: Sendable {
  /// The tensors that hold it: several where the file splits a layer into its groups, which follow
  /// each other along the outputs.
  var pieces: [WeightFile.Entry]
  /// The extents that each piece should have; leading ones may be missing.
  var extents: [Int]
  var order: StoredOrder

  init(_ pieces: [WeightFile.Entry], _ extents: [Int], order: StoredOrder = .canonical) {
    (self.pieces, self.extents, self.order) = (pieces, extents, order)
  }

  /// The pieces of other extents; old Caffe files write leading ones before them.
  var misfits: [WeightFile.Entry] {
    pieces.filter { piece in
      let found = piece.extents
      return
        !(found.count >= extents.count && found.suffix(extents.count).elementsEqual(extents)
        && found.dropLast(extents.count).allSatisfy { $0 == 1 })
    }
  }
}

/// The order of a stored parameter's axes.
enum StoredOrder: Sendable, Equatable {
  /// (out, in, kh, kw) or (out, in), as the engine has it.
  case canonical
  /// (out, in, kh, kw), each kernel turned by 180°.
  case turned
  /// (kh, kw, in, out), turned by 180° or not.
  case heightWidthInputOutput(turned: Bool)
  /// (out, in), the columns of these `[C, H, W]` in the order H, W, C.
  case outputInput(flattens: Shape)
  /// (in, out); with `flattens` the rows of these `[C, H, W]` are in the order H, W, C.
  case inputOutput(flattens: Shape?)
}

/// The tensors of a file by their paths.
struct EntryIndex: Sendable {
  /// In the order of their paths.
  let entries: [WeightFile.Entry]

  init(_ entries: [WeightFile.Entry]) {
    self.entries = entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  subscript(path: String) -> WeightFile.Entry? {
    let index = start(of: path)
    return index < entries.count && entries[index].path == path ? entries[index] : nil
  }

  /// The tensors whose paths begin so.
  func under(_ prefix: String) -> ArraySlice<WeightFile.Entry> {
    entries[start(of: prefix)...].prefix { $0.path.hasPrefix(prefix) }
  }

  /// Where the paths begin that are not before this one.
  private func start(of path: String) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].path.utf8.lexicographicallyPrecedes(path.utf8) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}

/// Recognises how the names in a file are laid out.
///
/// - Throws: ``WeightFileError/unknownLayout(file:example:)``, and errors in reading its attributes.
func recognizedLayout(
  of archive: any TensorArchive, _ entries: EntryIndex
) throws(WeightFileError) -> any WeightLayout {
  guard let example = entries.entries.first else { throw .noTensors(file: archive.path) }
  if let layout = CaffeLayout(entries) { return layout }
  if let layout = ConvnetsKerasLayout(entries) { return layout }
  if let layout = Keras3Layout(entries) { return layout }
  if let layout = try KerasLayout(entries, in: archive) { return layout }
  if let layout = TorchLayout(entries) { return layout }
  throw .unknownLayout(file: archive.path, example: example.path)
}
