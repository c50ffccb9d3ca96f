internal import CHDF5

extension HDF5File {
  /// The datasets of the file, in the order of their paths.
  ///
  /// - Throws: ``WeightFileError`` where the tree is damaged or larger than the limits.
  func datasets() throws(WeightFileError) -> [WeightFile.Entry] {
    var found: [WeightFile.Entry] = []
    var visited = 0
    try visit(try open("/"), at: "", depth: 0, visited: &visited, found: &found)
    return found
  }

  private func visit(
    _ object: borrowing HDF5Handle, at inside: String, depth: Int, visited: inout Int,
    found: inout [WeightFile.Entry]
  ) throws(WeightFileError) {
    visited += 1
    guard depth <= WeightFile.Limits.depth, visited <= WeightFile.Limits.objects else {
      throw .refused(
        file: path, inside: inside,
        reason:
          "more than \(WeightFile.Limits.depth) levels or \(WeightFile.Limits.objects) objects")
    }
    switch H5Iget_type(object.id) {
    case H5I_DATASET: found.append(try entry(of: object, at: inside))
    case H5I_GROUP:
      for name in try linkNames(of: object, at: inside) {
        let child = inside + "/" + name
        guard let next = try openLink(name, in: object, at: child) else { continue }
        try visit(next, at: child, depth: depth + 1, visited: &visited, found: &found)
      }
    default: break  // Committed types hold no numbers.
    }
  }

  private func linkNames(
    of group: borrowing HDF5Handle, at inside: String
  ) throws(WeightFileError) -> [String] {
    let place = inside.isEmpty ? "/" : inside
    var info = H5G_info_t()
    guard H5Gget_info(group.id, &info) >= 0 else {
      throw .corrupt(file: path, inside: place, reason: Self.lastError)
    }
    guard info.nlinks <= WeightFile.Limits.objects else {
      throw .refused(file: path, inside: place, reason: "a group of \(info.nlinks) objects")
    }
    var names: [String] = []
    var buffer = [CChar](repeating: 0, count: WeightFile.Limits.nameBytes + 1)
    for index in 0..<info.nlinks {
      let length = H5Lget_name_by_idx(
        group.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, &buffer, buffer.count, pi_hdf5_default())
      guard length >= 0 else {
        throw .corrupt(file: path, inside: place, reason: Self.lastError)
      }
      let bytes = buffer.prefix(length).map { UInt8(bitPattern: $0) }
      guard length > 0, length <= WeightFile.Limits.nameBytes,
        let name = String(validating: bytes, as: UTF8.self)
      else { throw .corrupt(file: path, inside: place, reason: "a name that is not text") }
      names.append(name)
    }
    return names
  }

  private func entry(
    of dataset: borrowing HDF5Handle, at inside: String
  ) throws(WeightFileError) -> WeightFile.Entry {
    guard let space = HDF5Handle(H5Dget_space(dataset.id), release: H5Sclose),
      let type = HDF5Handle(H5Dget_type(dataset.id), release: H5Tclose)
    else { throw .corrupt(file: path, inside: inside, reason: Self.lastError) }
    let extents = try extents(of: space, at: inside)
    return WeightFile.Entry(path: inside, extents: extents, type: Self.elementType(type))
  }

  /// The extents of a dataspace: none for a scalar, a zero for a dataspace without elements.
  func extents(
    of space: borrowing HDF5Handle, at inside: String
  ) throws(WeightFileError) -> [Int] {
    if H5Sget_simple_extent_type(space.id) == H5S_NULL { return [0] }
    let rank = H5Sget_simple_extent_ndims(space.id)
    guard rank >= 0, rank <= 32 else {
      throw .corrupt(file: path, inside: inside, reason: Self.lastError)
    }
    var extents = [hsize_t](repeating: 0, count: Int(rank))
    guard H5Sget_simple_extent_dims(space.id, &extents, nil) >= 0 else {
      throw .corrupt(file: path, inside: inside, reason: Self.lastError)
    }
    return extents.map { Int(clamping: $0) }
  }

  static func elementType(_ type: borrowing HDF5Handle) -> WeightFile.ElementType {
    let bits = H5Tget_size(type.id) * 8
    switch H5Tget_class(type.id) {
    case H5T_FLOAT: return .floatingPoint(bits: bits)
    case H5T_INTEGER:
      return H5Tget_sign(type.id) == H5T_SGN_NONE ? .unsigned(bits: bits) : .signed(bits: bits)
    default: return .other
    }
  }
}
