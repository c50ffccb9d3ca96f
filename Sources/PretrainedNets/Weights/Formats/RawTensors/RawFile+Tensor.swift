import Engine

extension RawFile {
  /// Checks that a tensor has elements and lies in the file.
  ///
  /// - Throws: ``WeightFileError`` where it does not.
  func check(_ tensor: RawTensor, inside: String) throws(WeightFileError) {
    guard tensor.type.byteWidth != nil else {
      throw .refused(file: path, inside: inside, reason: "its elements are not numbers")
    }
    guard let count = tensor.count, let bytes = tensor.byteCount else {
      throw .corrupt(
        file: path, inside: inside, reason: "the shape \(tensor.extents) is none of a tensor")
    }
    guard count > 0 else {
      throw .refused(file: path, inside: inside, reason: "it has no elements")
    }
    guard contains(offset: tensor.offset, count: bytes) else {
      throw .corrupt(
        file: path, inside: inside,
        reason: """
          its \(bytes) bytes from byte \(tensor.offset) on reach beyond the \(length) of the file
          """)
    }
  }

  /// Reads a tensor, rounded to single precision where it is of another type.
  ///
  /// Numbers in single precision go straight to where they stay; others come in strips. Errors name
  /// the place `inside` the file.
  ///
  /// - Throws: ``WeightFileError`` where the tensor does not lie in the file.
  func tensor(_ tensor: RawTensor, inside: String) throws(WeightFileError) -> Tensor {
    try check(tensor, inside: inside)
    return try Tensor(Shape(tensor.extents)) { (elements) throws(WeightFileError) in
      if tensor.type == .floatingPoint(bits: 32), tensor.byteOrder == .host {
        return try read(
          into: UnsafeMutableRawBufferPointer(elements), at: tensor.offset, inside: inside)
      }
      try convert(tensor, into: elements, inside: inside)
    }
  }

  private func convert(
    _ tensor: RawTensor, into elements: UnsafeMutableBufferPointer<Float>, inside: String
  ) throws(WeightFileError) {
    guard let width = tensor.type.byteWidth else { return }
    // A strip stays in the second-level cache from reading to converting.
    let strip = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    defer { strip.deallocate() }
    let stripCount = strip.count / width
    for start in stride(from: 0, to: elements.count, by: stripCount) {
      let part = start..<min(start + stripCount, elements.count)
      let bytes = UnsafeMutableRawBufferPointer(rebasing: strip[..<(part.count * width)])
      try read(into: bytes, at: tensor.offset + UInt64(start * width), inside: inside)
      tensor.type.convert(
        UnsafeRawBufferPointer(bytes), order: tensor.byteOrder,
        to: UnsafeMutableBufferPointer(rebasing: elements[part]))
    }
  }
}

extension RawTensor.ByteOrder {
  /// That of this machine.
  static let host: RawTensor.ByteOrder = 1.littleEndian == 1 ? .little : .big
}

extension WeightFile.ElementType {
  /// Rounds numbers as a file has them to single precision.
  fileprivate func convert(
    _ bytes: UnsafeRawBufferPointer, order: RawTensor.ByteOrder,
    to target: UnsafeMutableBufferPointer<Float>
  ) {
    /// Reads integers in their byte order and turns each into a number.
    func each<Bits: FixedWidthInteger & BitwiseCopyable>(
      _ type: Bits.Type, _ number: (Bits) -> Float
    ) {
      let isSwapped = order != .host
      for index in target.indices {
        let bits = bytes.loadUnaligned(
          fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
        target[index] = number(isSwapped ? bits.byteSwapped : bits)
      }
    }
    switch self {
    case .floatingPoint(16): each(UInt16.self) { Float(halfBits: $0) }
    case .floatingPoint(32): each(UInt32.self) { Float(bitPattern: $0) }
    case .floatingPoint: each(UInt64.self) { Float(Double(bitPattern: $0)) }
    case .brainFloat: each(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .signed(8): each(Int8.self) { Float($0) }
    case .signed(16): each(Int16.self) { Float($0) }
    case .signed(32): each(Int32.self) { Float($0) }
    case .signed: each(Int64.self) { Float($0) }
    case .unsigned(8): each(UInt8.self) { Float($0) }
    case .unsigned(16): each(UInt16.self) { Float($0) }
    case .unsigned(32): each(UInt32.self) { Float($0) }
    case .unsigned: each(UInt64.self) { Float($0) }
    case .other: break
    }
  }
}

extension Float {
  /// The number that IEEE 754's half-precision `bits` stand for.
  ///
  /// The exponent is brought from its bias of 15 to one of 127; infinities and NaN keep the greatest. Numbers
  /// below 2⁻¹⁴ are made of integers: the engine's threads take what is as small in the bits of single
  /// precision for zero.
  init(halfBits bits: UInt16) {
    let magnitude = UInt32(bits & 0x7fff)
    let sign = UInt32(bits & 0x8000) << 16
    if magnitude < 0x400 {
      self.init(bitPattern: (Float(magnitude) * 0x1p-24).bitPattern | sign)
    } else {
      let bias: UInt32 = magnitude < 0x7c00 ? 127 - 15 : 255 - 31
      self.init(bitPattern: ((magnitude << 13) + (bias << 23)) | sign)
    }
  }
}
