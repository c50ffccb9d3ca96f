internal import CHDF5
import Engine

extension HDF5File {
  /// Reads a dataset of floating-point numbers or integers, of any width and byte order, or bands of the
  /// rows along its first axis.
  ///
  /// - Throws: ``WeightFileError`` where the data are damaged, incomplete, not numbers, too many, or
  ///   lie in another file.
  func tensor(at inside: String, bands: RowBands? = nil) throws(WeightFileError) -> Tensor {
    let dataset = try open(inside)
    guard H5Iget_type(dataset.id) == H5I_DATASET else {
      throw .noTensor(file: path, inside: inside)
    }
    guard let space = HDF5Handle(H5Dget_space(dataset.id), release: H5Sclose),
      let type = HDF5Handle(H5Dget_type(dataset.id), release: H5Tclose),
      let properties = HDF5Handle(H5Dget_create_plist(dataset.id), release: H5Pclose)
    else { throw .corrupt(file: path, inside: inside, reason: Self.lastError) }
    guard Self.elementType(type).isNumber else {
      throw .refused(file: path, inside: inside, reason: "its elements are not numbers")
    }
    let extents = try extents(of: space, at: inside)
    let count = try elementCount(extents, at: inside)
    let width = H5Tget_size(type.id)
    guard width <= 16 else {
      throw .refused(file: path, inside: inside, reason: "its numbers are \(width) bytes wide")
    }
    try checkStorage(
      of: dataset, properties: properties, extents: extents, bytes: count * width, at: inside)

    var part = extents
    var memory = HDF5Handle(H5Scopy(space.id), release: H5Sclose)
    if let bands {
      part[0] = bands.height * bands.count
      let rest = extents.dropFirst().map { hsize_t($0) }
      let none = [hsize_t](repeating: 0, count: rest.count)
      let one = [hsize_t](repeating: 1, count: rest.count)
      memory = HDF5Handle(
        H5Screate_simple(Int32(part.count), part.map { hsize_t($0) }, nil), release: H5Sclose)
      guard
        H5Sselect_hyperslab(
          space.id, H5S_SELECT_SET, [hsize_t(bands.start)] + none,
          [hsize_t(bands.period)] + one, [hsize_t(bands.count)] + one,
          [hsize_t(bands.height)] + rest) >= 0
      else { throw .corrupt(file: path, inside: inside, reason: Self.lastError) }
    }
    guard let memory else { throw .corrupt(file: path, inside: inside, reason: Self.lastError) }
    return try Tensor(Shape(part)) { (elements) throws(WeightFileError) in
      let status = H5Dread(
        dataset.id, pi_hdf5_native_float(), memory.id, space.id, pi_hdf5_default(),
        elements.baseAddress)
      guard status >= 0 else {
        throw .corrupt(file: path, inside: inside, reason: Self.lastError)
      }
    }
  }

  private func elementCount(
    _ extents: [Int], at inside: String
  ) throws(WeightFileError) -> Int {
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= Limits.elements else {
        throw .refused(
          file: path, inside: inside,
          reason: "its shape \(extents) has more than \(Limits.elements) elements")
      }
      count = product
    }
    guard count > 0 else {
      throw .refused(file: path, inside: inside, reason: "it has no elements")
    }
    return count
  }

  /// Checks that the data lie in this file and are all there: the library reads what was never
  /// written as zeros, without a word.
  private func checkStorage(
    of dataset: borrowing HDF5Handle, properties: borrowing HDF5Handle, extents: [Int], bytes: Int,
    at inside: String
  ) throws(WeightFileError) {
    switch H5Pget_layout(properties.id) {
    case H5D_COMPACT: break
    case H5D_CONTIGUOUS:
      guard H5Pget_external_count(properties.id) == 0 else {
        throw .refused(file: path, inside: inside, reason: "its data lie in another file")
      }
      guard H5Dget_storage_size(dataset.id) >= hsize_t(bytes) else {
        throw .corrupt(file: path, inside: inside, reason: "its data were never written")
      }
    case H5D_CHUNKED: try checkChunks(of: dataset, properties: properties, extents, at: inside)
    case H5D_VIRTUAL:
      throw .refused(file: path, inside: inside, reason: "its data lie in other files")
    default: throw .corrupt(file: path, inside: inside, reason: "an unknown storage layout")
    }
  }

  private func checkChunks(
    of dataset: borrowing HDF5Handle, properties: borrowing HDF5Handle, _ extents: [Int],
    at inside: String
  ) throws(WeightFileError) {
    for index in 0..<max(H5Pget_nfilters(properties.id), 0) {
      var flags: UInt32 = 0
      var values = 0
      var setting: UInt32 = 0
      let filter = H5Pget_filter2(
        properties.id, UInt32(index), &flags, &values, nil, 0, nil, &setting)
      guard filter >= 0, H5Zfilter_avail(filter) > 0 else {
        throw .refused(
          file: path, inside: inside,
          reason: "compressed by filter \(filter), which is not available; store it with gzip")
      }
    }
    var chunk = [hsize_t](repeating: 0, count: extents.count)
    var stored: hsize_t = 0
    guard H5Pget_chunk(properties.id, Int32(extents.count), &chunk) == Int32(extents.count),
      chunk.allSatisfy({ $0 > 0 }),
      let space = HDF5Handle(H5Dget_space(dataset.id), release: H5Sclose),
      H5Dget_num_chunks(dataset.id, space.id, &stored) >= 0
    else { throw .corrupt(file: path, inside: inside, reason: Self.lastError) }
    var needed: hsize_t = 1
    for (extent, size) in zip(extents, chunk) {
      needed *= (hsize_t(extent) - 1) / size + 1
    }
    guard stored >= needed else {
      throw .corrupt(
        file: path, inside: inside, reason: "\(stored) of its \(needed) chunks were written")
    }
  }
}
