import Engine

/// Keras's older HDF5: `/<layer>/…` or, of a whole model, `/model_weights/<layer>/…`.
struct KerasLayout: WeightLayout {
  let family = WeightFamily.keras
  /// The group that holds the layers, with a closing slash.
  private let root: String
  /// Whether kernels are (kh, kw, in, out) and rows of the first dense layer in the order H, W, C; else
  /// (out, in, kh, kw) and C, H, W.
  private let hasChannelsLast: Bool
  private let isTurned: Bool

  var description: String {
    "Keras, kernels \(hasChannelsLast ? "(kh, kw, in, out)" : "(out, in, kh, kw)")"
      + (isTurned ? ", turned by 180° (Theano)" : "")
  }

  /// Recognises the layout by its groups and attributes.
  ///
  /// Theano convolved where others correlate, so its kernels are turned by 180°; the root attribute
  /// `backend` tells. Files older than that attribute with kernels (out, in, kh, kw) are Theano's.
  init?(_ entries: EntryIndex, in archive: any TensorArchive) throws(WeightFileError) {
    let root = entries.under("/model_weights/").isEmpty ? "/" : "/model_weights"
    let place = try archive.strings(ofAttribute: "layer_names", at: root) == nil ? "/" : root
    let isMarked = try archive.strings(ofAttribute: "layer_names", at: place) != nil
    guard isMarked || entries.entries.contains(where: Self.isVariable) else { return nil }
    let backend = try archive.strings(ofAttribute: "backend", at: place)?.first
    let kernels = entries.entries.filter { $0.extents.count == 4 }
    let spatialFirst = kernels.count { Self.isSpatial($0.extents[0], $0.extents[1]) }
    let spatialLast = kernels.count {
      Self.isSpatial($0.extents[2], $0.extents[3])
        && !Self.isSpatial($0.extents[0], $0.extents[1])
    }
    self.root = root == "/" ? "/" : root + "/"
    hasChannelsLast = spatialLast <= spatialFirst
    isTurned = backend.map { $0 == "theano" } ?? !hasChannelsLast
  }

  /// The weight and the bias of a layer are its only tensors of more than one axis, and of one; those of
  /// a normalisation have names.
  func place(
    of role: ParameterRole, _ shape: Shape, in layer: WeightedLayer, among entries: EntryIndex
  ) -> StoredParameter? {
    for prefix in prefixes(of: layer) {
      let own = entries.under(prefix)
      switch role {
      case .weight:
        if let entry = own.first(where: { $0.extents.count > 1 }) {
          return stored(entry, shape, layer)
        }
      case .bias:
        let isWhole = own.contains { $0.extents.count > 1 }
        if isWhole, let entry = own.first(where: { $0.extents.count == 1 }) {
          return StoredParameter([entry], shape.extents)
        }
      default:
        if let entry = own.first(where: { Self.isNamed(role, $0) }) {
          return StoredParameter([entry], shape.extents)
        }
      }
    }
    return nil
  }

  func owns(_ path: String, layer: WeightedLayer) -> Bool {
    prefixes(of: layer).contains { path.hasPrefix($0) }
  }

  private func stored(
    _ entry: WeightFile.Entry, _ shape: Shape, _ layer: WeightedLayer
  ) -> StoredParameter {
    if case .dense(_, let flattens, _) = layer.kind {
      return StoredParameter(
        [entry], [shape[1], shape[0]],
        order: .inputOutput(flattens: hasChannelsLast ? flattens : nil))
    }
    return hasChannelsLast
      ? StoredParameter(
        [entry], [shape[2], shape[3], shape[1], shape[0]],
        order: .heightWidthInputOutput(turned: isTurned))
      : StoredParameter([entry], shape.extents, order: isTurned ? .turned : .canonical)
  }

  private func prefixes(of layer: WeightedLayer) -> [String] {
    ([layer.name] + layer.aliases).map { root + $0 + "/" }
  }

  /// Whether two extents look like those of a kernel's window rather than numbers of channels.
  private static func isSpatial(_ height: Int, _ width: Int) -> Bool {
    height == width && height <= 11
  }

  /// `…/kernel:0`, `…/kernel`, `…_W_1:0`, `…_W`.
  private static func isVariable(_ entry: WeightFile.Entry) -> Bool {
    let parts = entry.path.split(separator: "/")
    guard parts.count >= 2, let name = variable(parts.last) else { return false }
    return name == "kernel" || name.hasSuffix("_W") || name.contains("_W_")
  }

  private static func isNamed(_ role: ParameterRole, _ entry: WeightFile.Entry) -> Bool {
    guard let name = variable(entry.path.split(separator: "/").last) else { return false }
    return TorchLayout.names(of: role).contains { name == $0 || name.hasSuffix("_" + $0) }
  }

  /// What a variable is called without TensorFlow's `:0`.
  private static func variable(_ name: Substring?) -> Substring? {
    name?.split(separator: ":").first
  }
}
