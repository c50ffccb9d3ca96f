import Engine
public import Imaging

extension WeightFile {
  /// How the numbers of a file that is written are stored.
  public enum Precision: Sendable, Hashable {
    /// Two bytes a number, rounded to the nearest; up to 65504.
    case half
    /// Four bytes a number, as the engine has it.
    case single
  }

  /// Writes weights in the layout of Caffe's snapshots: `/data/<layer>/0` weights, `/1` bias.
  ///
  /// The file appears whole or not at all, and the same weights give the same bytes.
  ///
  /// - Throws: ``OutputError``, also where a number does not fit the precision, or a layer has parameters that the
  ///   layout has no place for.
  public static func write(
    _ weights: [String: LayerWeights], as precision: Precision = .half, to path: String
  ) throws(OutputError) {
    for (name, layer) in weights {
      if let role = layer.tensors.keys.first(where: { $0 != .weight && $0 != .bias }) {
        throw .failed(
          file: path, reason: "Caffe's layout has no place for the \(role) of \(name)")
      }
    }
    try write(tensors: caffeTensors(weights), as: precision, to: path)
  }

  /// Weights as Caffe's snapshots name them, in the order of the names.
  package static func caffeTensors(
    _ weights: [String: LayerWeights]
  ) -> [(path: String, tensor: Tensor)] {
    weights.sorted { $0.key < $1.key }.flatMap { name, layer in
      [layer[.weight], layer[.bias]].enumerated().compactMap { place, tensor in
        tensor.map { ("/data/\(name)/\(place)", $0) }
      }
    }
  }

  /// Writes tensors at absolute paths inside a new HDF5 file, as
  /// ``write(_:as:to:)`` does.
  package static func write(
    tensors: [(path: String, tensor: Tensor)], as precision: Precision, to path: String
  ) throws(OutputError) {
    for (inside, tensor) in tensors {
      let misfit = tensor.withUnsafeElements { elements in
        elements.firstIndex { precision == .half ? $0.halfBits == nil : !$0.isFinite }
      }
      if let misfit {
        throw .failed(
          file: path,
          reason: "element \(misfit) of \(inside) is no finite number of \(precision) precision")
      }
    }
    guard let image = HDF5File.image(of: tensors, as: precision) else {
      throw .failed(file: path, reason: "the HDF5 library could not make its bytes")
    }
    try AtomicFile.write(image, to: path)
  }
}
