internal import CHDF5
import Engine
import Synchronization

/// An HDF5 file, open for reading.
///
/// The library keeps global state and is not thread safe, so a file is open only inside the closure
/// of ``withFile(_:_:)``, which holds one lock for the whole process. Links that lead elsewhere
/// (soft, external) are not followed, and data that lie in other files are refused.
struct HDF5File: ~Copyable {
  let path: String
  private let handle: HDF5Handle

  /// Limits that no file of weights comes near; beyond them a file is taken for hostile.
  enum Limits {
    static let elements = 1 << 28
    static let attributeBytes = 1 << 20
  }

  private static let lock = Mutex(())

  /// Opens the file, calls `body` with it and closes it.
  static func withFile<R: Sendable>(
    _ head: FileHead, _ body: (borrowing HDF5File) throws(WeightFileError) -> R
  ) throws(WeightFileError) -> R {
    try withLibrary { isReady throws(WeightFileError) in
      guard isReady else {
        throw .unreadable(file: head.path, reason: "the HDF5 library does not start")
      }
      return try body(try HDF5File(opening: head))
    }
  }

  /// Whether the library finds an HDF5 file at the path, perhaps behind a block of the user's own.
  static func isHDF5(at path: String) -> Bool {
    withLibrary { isReady in isReady && H5Fis_hdf5(path) > 0 }
  }

  /// Calls `body`, alone with the library, telling whether it could be made ready.
  static func withLibrary<R: Sendable, E: Error>(
    _ body: (_ isReady: Bool) throws(E) -> R
  ) throws(E) -> R {
    try lock.withLock { _ throws(E) in try body(pi_hdf5_prepare() >= 0) }
  }

  private init(opening head: FileHead) throws(WeightFileError) {
    path = head.path
    if let stated = FileSignature.statedLength(of: head.bytes), stated > head.length {
      throw .truncated(file: path, expected: stated, found: head.length)
    }
    guard let access = HDF5Handle(H5Pcreate(pi_hdf5_file_access()), release: H5Pclose),
      // Closing the file closes all that is open in it; locks fail on some network file systems.
      H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG) >= 0,
      H5Pset_file_locking(access.id, false, true) >= 0
    else { throw .unreadable(file: path, reason: Self.lastError) }
    guard let handle = HDF5Handle(H5Fopen(path, pi_hdf5_read_only(), access.id), release: H5Fclose)
    else { throw .corrupt(file: path, inside: "its header", reason: Self.lastError) }
    self.handle = handle
  }

  /// The library's description of what went wrong last, or a general one.
  static var lastError: String {
    var text = [CChar](repeating: 0, count: 256)
    pi_hdf5_last_error(&text, text.count)
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return bytes.isEmpty ? "the data make no sense" : String(decoding: bytes, as: UTF8.self)
  }

  /// Opens the object at an absolute path by walking its hard links.
  func open(_ inside: String) throws(WeightFileError) -> HDF5Handle {
    guard var current = HDF5Handle(H5Oopen(handle.id, "/", pi_hdf5_default()), release: H5Oclose)
    else { throw .corrupt(file: path, inside: "/", reason: Self.lastError) }
    for name in inside.split(separator: "/") {
      guard let next = try openLink(String(name), in: current, at: inside) else {
        throw .noTensor(file: path, inside: inside)
      }
      current = next
    }
    return current
  }

  /// Opens what a link of a group leads to; `nil` where there is none or it leads elsewhere.
  func openLink(
    _ name: String, in group: borrowing HDF5Handle, at inside: String
  ) throws(WeightFileError) -> HDF5Handle? {
    var info = H5L_info_t()
    guard H5Iget_type(group.id) == H5I_GROUP,
      H5Lget_info(group.id, name, &info, pi_hdf5_default()) >= 0, info.type == H5L_TYPE_HARD
    else { return nil }
    guard
      let object = HDF5Handle(H5Oopen(group.id, name, pi_hdf5_default()), release: H5Oclose)
    else { throw .corrupt(file: path, inside: inside, reason: Self.lastError) }
    return object
  }
}
