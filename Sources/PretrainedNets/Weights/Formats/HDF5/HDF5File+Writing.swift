internal import CHDF5
import Engine
import Foundation

extension HDF5File {
  /// The bytes of a file with these tensors at these absolute paths, groups made on the way; `nil`
  /// where the library fails, for want of memory or over an impossible path.
  ///
  /// Nothing but the tensors goes into them, no time and no name, so that the same tensors give the
  /// same bytes.
  static func image(
    of tensors: [(path: String, tensor: Tensor)], as precision: WeightFile.Precision
  ) -> Data? {
    withLibrary { isReady in
      // A file in memory: the bytes go to the disk by ways of our own.
      guard isReady,
        let access = HDF5Handle(H5Pcreate(pi_hdf5_file_access()), release: H5Pclose),
        H5Pset_fapl_core(access.id, 1 << 20, false) >= 0,
        H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG) >= 0,
        let file = HDF5Handle(
          H5Fcreate("weights", pi_hdf5_truncate(), pi_hdf5_default(), access.id),
          release: H5Fclose),
        let type = HDF5Handle(
          precision == .half ? pi_hdf5_copy_half() : H5Tcopy(pi_hdf5_single()),
          release: H5Tclose),
        let dataset = HDF5Handle(H5Pcreate(pi_hdf5_dataset_creation()), release: H5Pclose),
        H5Pset_obj_track_times(dataset.id, false) >= 0,
        let link = HDF5Handle(H5Pcreate(pi_hdf5_link_creation()), release: H5Pclose),
        H5Pset_create_intermediate_group(link.id, 1) >= 0
      else { return nil }
      for (path, tensor) in tensors {
        let extents = tensor.shape.extents.map { hsize_t($0) }
        guard
          let space = HDF5Handle(
            H5Screate_simple(Int32(extents.count), extents, nil), release: H5Sclose),
          let target = HDF5Handle(
            H5Dcreate2(
              file.id, path, type.id, space.id, link.id, dataset.id, pi_hdf5_default()),
            release: H5Dclose),
          write(tensor, to: target, as: type, precision)
        else { return nil }
      }
      guard H5Fflush(file.id, H5F_SCOPE_GLOBAL) >= 0 else { return nil }
      let length = H5Fget_file_image(file.id, nil, 0)
      guard length > 0 else { return nil }
      var bytes = Data(count: length)
      let written = bytes.withUnsafeMutableBytes {
        H5Fget_file_image(file.id, $0.baseAddress, length)
      }
      return written == length ? bytes : nil
    }
  }

  private static func write(
    _ tensor: Tensor, to target: borrowing HDF5Handle, as type: borrowing HDF5Handle,
    _ precision: WeightFile.Precision
  ) -> Bool {
    func write(_ numbers: UnsafeRawPointer?) -> Bool {
      H5Dwrite(
        target.id, type.id, pi_hdf5_everything(), pi_hdf5_everything(), pi_hdf5_default(), numbers)
        >= 0
    }
    return tensor.withUnsafeElements { elements in
      switch precision {
      case .single: return write(elements.baseAddress)
      case .half:
        return elements.map { ($0.halfBits ?? 0).littleEndian }
          .withUnsafeBytes { write($0.baseAddress) }
      }
    }
  }
}
