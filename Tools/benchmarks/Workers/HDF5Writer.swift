internal import CHDF5
import Engine

/// An HDF5 file that is being written.
struct HDF5Writer: ~Copyable {
  private let path: String
  private let file: hid_t
  private let links: hid_t

  /// - Throws: ``BenchError/weights(_:)`` where the file cannot be made.
  init(_ path: String) throws {
    guard pi_hdf5_prepare() >= 0 else { throw BenchError.weights(path) }
    let file = H5Fcreate(path, pi_hdf5_truncate(), pi_hdf5_default(), pi_hdf5_default())
    guard file >= 0 else { throw BenchError.weights(path) }
    self.path = path
    self.file = file
    // Groups are made on the way.
    links = H5Pcreate(pi_hdf5_link_creation())
    H5Pset_create_intermediate_group(links, 1)
  }

  deinit {
    H5Pclose(links)
    H5Fclose(file)
  }

  /// Writes a dataset.
  ///
  /// - Throws: ``BenchError/weights(_:)`` where it cannot be written.
  func write(_ tensor: Tensor, at inside: String) throws {
    let extents = tensor.shape.extents.map { hsize_t($0) }
    let space = H5Screate_simple(Int32(extents.count), extents, nil)
    let dataset = H5Dcreate2(
      file, inside, pi_hdf5_native_float(), space, links, pi_hdf5_default(), pi_hdf5_default())
    defer {
      H5Dclose(dataset)
      H5Sclose(space)
    }
    let status = tensor.elements.withUnsafeBufferPointer {
      H5Dwrite(
        dataset, pi_hdf5_native_float(), pi_hdf5_everything(), pi_hdf5_everything(),
        pi_hdf5_default(), $0.baseAddress)
    }
    guard status >= 0 else { throw BenchError.weights(path) }
  }
}
