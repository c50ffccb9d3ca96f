import Engine
import Foundation

/// Circles about one centre.
struct Rings: Texture {
  static let span: Range<Float> = 4..<10
  private let bands: Bands
  private let start: Float

  init(random: inout RandomSource) {
    bands = Bands(random: &random)
    start = random.number(in: 0..<1)
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    bands.colour(point.length + start, in: palette)
  }
}

/// Arms that wind about one centre: evenly (Archimedes) or ever wider (the logarithmic spiral).
struct Spirals: Texture {
  static let span: Range<Float> = 4..<9
  private let bands: Bands
  private let arms: Float
  private let isLogarithmic: Bool
  private let growth: Float

  init(random: inout RandomSource) {
    bands = Bands(random: &random)
    isLogarithmic = random.isLucky(0.5)
    let count = Float(random.integer(in: isLogarithmic ? 4...7 : 2...5))
    arms = random.isLucky(0.5) ? count : -count
    growth = random.number(in: 1.6..<3.2)
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    let distance = max(point.length, 1e-3)
    let radial = isLogarithmic ? growth * log(distance) : distance
    return bands.colour(radial + arms * atan2(point.y, point.x) / turn, in: palette)
  }
}
