internal import CHDF5
import Engine
import PretrainedNets

extension Architecture {
  /// Writes a file of weights as Caffe lays it out, as deep as the layer: normal numbers of variance
  /// 2 / fan-in, which keep activations alive through any depth, and biases of zero.
  func writeRandomWeights(
    to path: String, upTo layer: String, random: inout RandomSource
  ) throws {
    guard let last = layers.firstIndex(where: { $0.name == layer }) else {
      preconditionFailure("\(name) has no layer \(layer)")
    }
    let needed = Set(layers[...last].map(\.name))
    // H5F_ACC_TRUNC, a macro that Swift does not import.
    let overwrites: UInt32 = 2
    guard pi_hdf5_prepare() >= 0 else { throw BenchError.weights(path) }
    let file = H5Fcreate(path, overwrites, pi_hdf5_default(), pi_hdf5_default())
    guard file >= 0 else { throw BenchError.weights(path) }
    defer { H5Fclose(file) }
    var groups: Set<String> = []
    for own in weightedLayers where needed.contains(own.name) {
      var group = ""
      for part in "data/\(own.name)".split(separator: "/") {
        group += "/\(part)"
        guard groups.insert(group).inserted else { continue }
        let id = H5Gcreate2(file, group, pi_hdf5_default(), pi_hdf5_default(), pi_hdf5_default())
        guard id >= 0 else { throw BenchError.weights(path) }
        H5Gclose(id)
      }
      let inputs = own.shape.count / own.shape[0]
      let weight = random.normal(
        own.shape, standardDeviation: (2 / Float(inputs)).squareRoot())
      guard weight.write(to: file, at: "\(group)/0"),
        Tensor([own.shape[0]]).write(to: file, at: "\(group)/1")
      else { throw BenchError.weights(path) }
    }
  }
}

extension Tensor {
  /// Writes a dataset into an HDF5 file, and tells whether it could.
  fileprivate func write(to file: hid_t, at path: String) -> Bool {
    let extents = shape.extents.map { hsize_t($0) }
    let space = H5Screate_simple(Int32(extents.count), extents, nil)
    let dataset = H5Dcreate2(
      file, path, pi_hdf5_native_float(), space, pi_hdf5_default(), pi_hdf5_default(),
      pi_hdf5_default())
    defer {
      H5Dclose(dataset)
      H5Sclose(space)
    }
    return elements.withUnsafeBufferPointer {
      H5Dwrite(
        dataset, pi_hdf5_native_float(), pi_hdf5_everything(), pi_hdf5_everything(),
        pi_hdf5_default(), $0.baseAddress)
    } >= 0
  }
}
