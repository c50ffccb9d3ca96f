/// Random textures that are smooth at a scale, and the same wherever and however often they are asked
/// for.
enum ValueNoise {
  /// 0 below `low`, 1 above `high`, a smooth step between.
  @inline(__always)
  static func smooth(_ low: Float, _ high: Float, _ value: Float) -> Float {
    let t = min(max((value - low) / (high - low), 0), 1)
    return t * t * (3 - 2 * t)
  }

  /// Noise of four octaves, in 0 ... 1.
  static func fractal(_ x: Float, _ y: Float, _ seed: UInt32) -> Float {
    (0..<4).reduce(0) { sum, octave in
      let scale = Float(1 << octave)
      return sum + noise(x * scale, y * scale, seed &+ UInt32(octave)) / (2 * scale)
    }
  }

  /// Numbers in 0 ..< 1 at the points of a lattice, joined smoothly.
  static func noise(_ x: Float, _ y: Float, _ seed: UInt32) -> Float {
    let (column, row) = (x.rounded(.down), y.rounded(.down))
    func corner(_ dx: Float, _ dy: Float) -> Float { number(column + dx, row + dy, seed) }
    let (u, v) = (smooth(0, 1, x - column), smooth(0, 1, y - row))
    let upper = corner(0, 0) * (1 - u) + corner(1, 0) * u
    return upper * (1 - v) + (corner(0, 1) * (1 - u) + corner(1, 1) * u) * v
  }

  /// The number in 0 ..< 1 of one point of the lattice, given by whole coordinates.
  @inline(__always)
  static func number(_ column: Float, _ row: Float, _ seed: UInt32) -> Float {
    var bits = UInt32(truncatingIfNeeded: Int(column)) &* 0x9E37_79B1
    bits = (bits ^ UInt32(truncatingIfNeeded: Int(row)) &* 0x85EB_CA77) &+ seed &* 0xC2B2_AE3D
    bits = (bits ^ bits >> 15) &* 0x2C1B_3C6D
    bits = (bits ^ bits >> 12) &* 0x297A_2D39
    return Float((bits ^ bits >> 15) >> 8) / Float(1 << 24)
  }
}
