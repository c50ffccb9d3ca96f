internal import CHDF5

/// The one owner of an identifier of the HDF5 library, released with it.
///
/// Handles live inside the closure of ``HDF5File/withFile(_:_:)`` alone, where the library's lock
/// is held.
struct HDF5Handle: ~Copyable {
  let id: hid_t
  private let release: (hid_t) -> herr_t

  /// Takes over `id`; `nil` if it is the library's sign of failure.
  init?(_ id: hid_t, release: @escaping (hid_t) -> herr_t) {
    guard id >= 0 else { return nil }
    self.id = id
    self.release = release
  }

  deinit { _ = release(id) }
}
