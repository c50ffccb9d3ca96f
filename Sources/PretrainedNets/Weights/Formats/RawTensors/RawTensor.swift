import Engine

/// Where the numbers of a tensor lie in a file: one after another in row-major order, the last axis
/// fastest.
struct RawTensor: Sendable, Equatable {
  /// In bytes from the start of the file.
  var offset: UInt64
  /// One extent an axis, outermost first; none for a scalar.
  var extents: [Int]
  var type: WeightFile.ElementType
  var byteOrder = ByteOrder.little

  enum ByteOrder: Sendable { case little, big }

  /// The number of elements; `nil` where an extent is negative or the number is beyond `Int`.
  var count: Int? {
    guard extents.allSatisfy({ $0 >= 0 }) else { return nil }
    // A zero anywhere leaves nothing, whatever the product of the others.
    if extents.contains(0) { return 0 }
    return extents.reduce(1 as Int?) { count, extent in
      guard let (product, overflows) = count?.multipliedReportingOverflow(by: extent) else {
        return nil
      }
      return overflows ? nil : product
    }
  }

  /// The bytes that the numbers take; `nil` where they are beyond `Int` or no numbers.
  var byteCount: Int? {
    guard let count, let width = type.byteWidth else { return nil }
    let (bytes, overflows) = count.multipliedReportingOverflow(by: width)
    return overflows ? nil : bytes
  }

  /// Some rows along the first axis.
  ///
  /// - Precondition: the tensor has an axis and these rows, and is not beyond `Int`.
  func rows(_ rows: Range<Int>) -> RawTensor {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= extents[0])
    var part = self
    part.extents[0] = 1
    part.offset += UInt64(rows.lowerBound) * UInt64(part.byteCount ?? 0)
    part.extents[0] = rows.count
    return part
  }
}

extension WeightFile.ElementType {
  /// The bytes of an element where the numbers lie as they are; `nil` for what is not read so.
  var byteWidth: Int? {
    switch self {
    case .floatingPoint(let bits): [16, 32, 64].contains(bits) ? bits / 8 : nil
    case .brainFloat: 2
    case .signed(let bits), .unsigned(let bits): [8, 16, 32, 64].contains(bits) ? bits / 8 : nil
    case .other: nil
    }
  }
}
