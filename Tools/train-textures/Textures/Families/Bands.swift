import Engine
import Foundation

/// What a run of bands looks like across: the profile of stripes, waves, zigzags, rings and spirals.
struct Bands {
  private let width: Float
  private let softness: Float
  private let line: Float
  private let isShaded: Bool

  init(random: inout RandomSource) {
    width = random.number(in: 0.32..<0.68)
    softness = random.isLucky(0.3) ? random.number(in: 0.1..<0.25) : 0.03
    line = random.isLucky(0.35) ? random.number(in: 0.03..<0.07) : 0
    isShaded = random.isLucky(0.3)
  }

  /// The colour at a phase; a band and its gap are 1.
  func colour(_ phase: Float, in palette: Palette) -> Colour {
    let offset = distanceToWhole(phase)
    let shade = isShaded ? 1.08 - 0.5 * offset : 1
    let band = 1 - edge(width / 2, offset, softness: softness)
    var colour = mix(palette.ground, palette.ink, band) * shade
    // A fine thread in the middle of every gap.
    if line > 0 { colour = mix(palette.accent, colour, edge(line, 0.5 - offset)) }
    return colour
  }
}

/// Straight stripes.
struct Stripes: Texture {
  static let span: Range<Float> = 3..<9
  private let bands: Bands

  init(random: inout RandomSource) { bands = Bands(random: &random) }

  func colour(at point: Point, in palette: Palette) -> Colour {
    bands.colour(point.x, in: palette)
  }
}

/// Stripes that swing like the sine.
struct Waves: Texture {
  static let span: Range<Float> = 3..<7.5
  private let bands: Bands
  private let amplitude: Float
  private let length: Float

  init(random: inout RandomSource) {
    bands = Bands(random: &random)
    length = random.number(in: 1.8..<3.2)
    amplitude = length * random.number(in: 0.16..<0.26)
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    bands.colour(point.x + amplitude * sin(point.y / length * turn), in: palette)
  }
}

/// Stripes that go to and fro with sharp corners.
struct Zigzag: Texture {
  static let span: Range<Float> = 3..<7.5
  private let bands: Bands
  private let amplitude: Float
  private let length: Float

  init(random: inout RandomSource) {
    bands = Bands(random: &random)
    length = random.number(in: 1.6..<3)
    amplitude = length * random.number(in: 0.4..<0.65)
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    bands.colour(point.x + 2 * amplitude * distanceToWhole(point.y / length), in: palette)
  }
}
