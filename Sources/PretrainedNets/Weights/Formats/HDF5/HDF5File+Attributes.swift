internal import CHDF5
import Foundation

extension HDF5File {
  /// The strings of an attribute, of fixed or variable length; `nil` where the object at the path
  /// has no such attribute or it is not of strings.
  func strings(ofAttribute name: String, at inside: String) throws(WeightFileError) -> [String]? {
    let object = try open(inside)
    guard H5Aexists(object.id, name) > 0 else { return nil }
    guard
      let attribute = HDF5Handle(
        H5Aopen(object.id, name, pi_hdf5_default()), release: H5Aclose),
      let type = HDF5Handle(H5Aget_type(attribute.id), release: H5Tclose),
      let space = HDF5Handle(H5Aget_space(attribute.id), release: H5Sclose)
    else {
      throw .corrupt(file: path, inside: "\(inside)@\(name)", reason: Self.lastError)
    }
    guard H5Tget_class(type.id) == H5T_STRING else { return nil }
    let place = "\(inside)@\(name)"
    let extents = try extents(of: space, at: place)
    let count = extents.reduce(1) {
      min($0, Limits.attributeBytes) * min($1, Limits.attributeBytes)
    }
    guard count > 0 else { return [] }
    guard count <= Limits.attributeBytes else {
      throw .refused(file: path, inside: place, reason: "\(count) strings")
    }
    return H5Tis_variable_str(type.id) > 0
      ? try variableStrings(attribute, type, space, count: count, at: place)
      : try fixedStrings(attribute, type, count: count, at: place)
  }

  private func fixedStrings(
    _ attribute: borrowing HDF5Handle, _ type: borrowing HDF5Handle, count: Int, at place: String
  ) throws(WeightFileError) -> [String] {
    let width = H5Tget_size(type.id)
    guard width > 0, width <= Limits.attributeBytes, count * width <= 16 * Limits.attributeBytes
    else { throw .refused(file: path, inside: place, reason: "strings of \(width) bytes") }
    var bytes = [UInt8](repeating: 0, count: count * width)
    guard H5Aread(attribute.id, type.id, &bytes) >= 0 else {
      throw .corrupt(file: path, inside: place, reason: Self.lastError)
    }
    return (0..<count).map { index in
      let text = bytes[index * width..<(index + 1) * width].prefix { $0 != 0 }
      return String(decoding: text, as: UTF8.self)
    }
  }

  private func variableStrings(
    _ attribute: borrowing HDF5Handle, _ type: borrowing HDF5Handle, _ space: borrowing HDF5Handle,
    count: Int, at place: String
  ) throws(WeightFileError) -> [String] {
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    guard H5Aread(attribute.id, type.id, &pointers) >= 0 else {
      throw .corrupt(file: path, inside: place, reason: Self.lastError)
    }
    defer { _ = H5Dvlen_reclaim(type.id, space.id, pi_hdf5_default(), &pointers) }
    return pointers.map { $0.map { String(cString: $0) } ?? "" }
  }
}
