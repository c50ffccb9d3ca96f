extension Float {
  /// The bits of the nearest number of half precision (IEEE 754 binary16), of two as near the even one; `nil` where
  /// there is none that is finite.
  ///
  /// By whole numbers: the engine's threads take the smallest numbers for zero, and there the processor's own
  /// conversion would lose those below 2⁻¹⁴.
  var halfBits: UInt16? {
    let magnitude = bitPattern & 0x7fff_ffff
    let sign = UInt16(truncatingIfNeeded: bitPattern >> 16) & 0x8000
    // From 65520 on, the nearest would be infinite.
    guard magnitude < 0x477f_f000 else { return nil }
    if magnitude >= 0x3880_0000 {
      // The exponent's bias falls from 127 to 15.
      return sign | Self.rounded(magnitude - 0x3800_0000, droppingBits: 13)
    }
    // Below 2⁻¹⁴ in units of 2⁻²⁴.
    let dropped = 126 - magnitude >> 23
    guard dropped <= 24 else { return sign }
    return sign | Self.rounded(magnitude & 0x7f_ffff | 0x80_0000, droppingBits: dropped)
  }

  private static func rounded(_ bits: UInt32, droppingBits count: UInt32) -> UInt16 {
    UInt16(truncatingIfNeeded: (bits + (1 << (count - 1)) - 1 + bits >> count & 1) >> count)
  }
}
