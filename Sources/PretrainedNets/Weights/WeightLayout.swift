/// How a file of weights names its layers and orders its kernels.
public enum WeightLayout: Sendable, Equatable {
  /// Caffe's HDF5 snapshot: `/data/<layer>/0` weights (out, in, kh, kw), `/1` bias. A layer's name
  /// with a slash makes nested groups.
  case caffe
  /// Keras: `/<layer>/…` or `/model_weights/<layer>/…`.
  case keras(root: String, KernelOrder, turned: Bool)

  /// The order of a kernel's axes.
  public enum KernelOrder: Sendable, Equatable {
    /// (kh, kw, in, out), and rows of the first dense layer in the order H, W, C.
    case heightWidthInputOutput
    /// (out, in, kh, kw), and rows of the first dense layer in the order C, H, W.
    case outputInputHeightWidth
  }

  /// The group that holds the layers, with a closing slash.
  var root: String {
    switch self {
    case .caffe: "/data/"
    case .keras(let root, _, _): root
    }
  }

  /// Recognises the layout by its groups and attributes.
  ///
  /// Theano convolved where others correlate, so its kernels are turned by 180°; the root attribute
  /// `backend` tells. Files older than that attribute with kernels (out, in, kh, kw) are Theano's.
  init(of entries: [WeightFile.Entry], in file: borrowing HDF5File) throws(WeightFileError) {
    guard let first = entries.first else { throw .noTensors(file: file.path) }
    if entries.contains(where: Self.isCaffeBlob) {
      self = .caffe
      return
    }
    let root = entries.contains { $0.path.hasPrefix("/model_weights/") } ? "/model_weights" : "/"
    let place = try file.strings(ofAttribute: "layer_names", at: root) == nil ? "/" : root
    let isMarked = try file.strings(ofAttribute: "layer_names", at: place) != nil
    guard isMarked || entries.contains(where: Self.isKerasVariable) else {
      throw .unknownLayout(file: file.path, example: first.path)
    }
    let backend = try file.strings(ofAttribute: "backend", at: place)?.first
    let kernels = entries.filter { $0.extents.count == 4 }
    let spatialFirst = kernels.count { Self.isSpatial($0.extents[0], $0.extents[1]) }
    let spatialLast = kernels.count {
      Self.isSpatial($0.extents[2], $0.extents[3])
        && !Self.isSpatial($0.extents[0], $0.extents[1])
    }
    let order: KernelOrder =
      spatialLast > spatialFirst ? .outputInputHeightWidth : .heightWidthInputOutput
    let turned = backend.map { $0 == "theano" } ?? (order == .outputInputHeightWidth)
    self = .keras(root: root == "/" ? "/" : root + "/", order, turned: turned)
  }

  /// Whether two extents look like those of a kernel's window rather than numbers of channels.
  private static func isSpatial(_ height: Int, _ width: Int) -> Bool {
    height == width && height <= 11
  }

  /// `/data/<layer>/<number>`.
  private static func isCaffeBlob(_ entry: WeightFile.Entry) -> Bool {
    let parts = entry.path.split(separator: "/")
    return parts.count >= 3 && parts[0] == "data" && parts.last.flatMap { Int($0) } != nil
  }

  /// `…/kernel:0`, `…/kernel`, `…_W_1:0`, `…_W`.
  private static func isKerasVariable(_ entry: WeightFile.Entry) -> Bool {
    let parts = entry.path.split(separator: "/")
    guard parts.count >= 2, let name = parts.last?.split(separator: ":").first else { return false }
    return name == "kernel" || name.hasSuffix("_W") || name.contains("_W_")
  }
}

extension WeightLayout: CustomStringConvertible {
  public var description: String {
    switch self {
    case .caffe: "Caffe, kernels (out, in, kh, kw)"
    case .keras(_, .heightWidthInputOutput, let turned):
      "Keras, kernels (kh, kw, in, out)\(turned ? ", turned by 180° (Theano)" : "")"
    case .keras(_, .outputInputHeightWidth, let turned):
      "Keras, kernels (out, in, kh, kw)\(turned ? ", turned by 180° (Theano)" : "")"
    }
  }
}
