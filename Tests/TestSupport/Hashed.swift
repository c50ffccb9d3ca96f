import Engine

/// Numbers that this package and the scripts in `Tools/reference` make alike from a name, so that
/// inputs and weights of golden data need not be stored.
///
/// Element i is a number of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) on the stream that the
/// FNV-1a hash of the name begins.
package struct HashedNumbers {
  private let start: UInt64

  package init(_ name: String) {
    start = name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  package subscript(_ index: Int) -> UInt64 {
    var z = start &+ (UInt64(index) &+ 1) &* 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

extension Tensor {
  /// A tensor uniform in the range, the same wherever it is made.
  ///
  /// The 24 bits of each element are exact in single precision for the ranges of powers of two;
  /// others are computed in double precision and rounded once.
  package static func hashed(
    _ name: String, _ shape: Shape, in range: Range<Double> = -1..<1
  ) -> Tensor {
    let numbers = HashedNumbers(name)
    let width = range.upperBound - range.lowerBound
    return Tensor(
      shape,
      (0..<shape.count).map {
        Float(range.lowerBound + width * (Double(numbers[$0] >> 40) / 16_777_216))
      })
  }
}
