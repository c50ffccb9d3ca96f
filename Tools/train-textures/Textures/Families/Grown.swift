import Engine
import Foundation

/// Boards: fibres along them, the bent lines of the years, and knots.
struct Wood: Texture {
  static let span: Range<Float> = 1.6..<3
  private let years: Float
  private let bend: Float
  private let fibre: Float
  private let board: Float
  private let seed: UInt32

  init(random: inout RandomSource) {
    years = random.number(in: 3.5..<6)
    bend = random.number(in: 0.5..<1)
    fibre = random.number(in: 0.15..<0.4)
    board = random.number(in: 0.7..<1.4)
    seed = random.patternSeed()
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    let number = (point.y / board).rounded(.down)
    let own = seed &+ UInt32(truncatingIfNeeded: Int(number)) &* 977
    // Each board is cut from another place of the trunk.
    let along = point.x + 40 * Cell(column: number, row: 0).number(seed)
    let rise = ValueNoise.fractal(along * 0.55, point.y * 1.1, own) * bend
    let phase = fraction((point.y + 2 * rise) * years * 0.8)
    // Slow dark late wood, then an abrupt beginning of the next year.
    let year = phase * phase * (1 - ValueNoise.smooth(0.86, 1, phase))
    let grain = ValueNoise.noise(along * 2.5, point.y * 40, own) - 0.5
    let colour = mix(palette.ground, palette.ink, min(max(1.15 * year + fibre * grain, 0), 1))
    let joint = distanceToWhole(point.y / board) * board
    return mix(palette.ink * 0.45, colour, edge(0.018, joint))
  }
}

/// Clouds: noise of ever finer scales.
struct Clouds: Texture {
  static let span: Range<Float> = 1.5..<3.5
  private let low: Float
  private let high: Float
  private let seed: UInt32

  init(random: inout RandomSource) {
    low = random.number(in: 0.22..<0.36)
    high = low + random.number(in: 0.25..<0.45)
    seed = random.patternSeed()
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    let amount = ValueNoise.fractal(point.x, point.y, seed)
    let cloud = ValueNoise.smooth(low, high, amount)
    let shade = 0.92 + 0.16 * ValueNoise.fractal(point.x + 0.15, point.y + 0.15, seed)
    return mix(palette.ground, palette.ink, cloud) * shade
  }
}

/// Marble: veins along bands that noise has kneaded (Perlin, SIGGRAPH 1985).
struct Marble: Texture {
  static let span: Range<Float> = 1.8..<3.6
  private let kneading: Float
  private let sharpness: Float
  private let seed: UInt32

  init(random: inout RandomSource) {
    kneading = random.number(in: 1.2..<2)
    sharpness = random.number(in: 4..<9)
    seed = random.patternSeed()
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    let noise = ValueNoise.fractal(point.x, point.y, seed)
    let vein = abs(sin((point.x * 0.7 + kneading * noise * 1.6) * Float.pi))
    let fine = abs(sin((point.y * 0.9 + 2.4 * kneading * noise) * Float.pi))
    let main = pow(1 - vein, sharpness / 3)
    let branch = 0.6 * pow(1 - fine, sharpness)
    let cloudy = mix(palette.ground, palette.accent, 0.5 * noise)
    return mix(cloudy, palette.ink, min(main + branch, 1))
  }
}
