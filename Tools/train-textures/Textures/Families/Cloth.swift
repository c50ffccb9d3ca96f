import Engine
import Foundation

/// A tartan: the same bands of several widths along and across, half of each seen where they cross.
struct Plaid: Texture {
  static let span: Range<Float> = 1.6..<3.4
  private let bands: [(place: Float, width: Float, isInk: Bool)]
  private let twill: Float

  init(random: inout RandomSource) {
    let main = random.number(in: 0.2..<0.34)
    bands = [
      (0.25, main, true),
      (0.25, random.number(in: 0.02..<0.05), false),
      (random.number(in: 0.6..<0.68), random.number(in: 0.05..<0.1), true),
      (random.number(in: 0.8..<0.88), random.number(in: 0.03..<0.06), false),
    ]
    twill = random.number(in: 0.05..<0.2)
  }

  private func thread(_ position: Float, _ palette: Palette) -> Colour {
    var colour = palette.ground
    for band in bands {
      let offset = distanceToWhole(position - band.place)
      let other = band.isInk ? palette.ink : palette.accent
      colour = mix(other, colour, edge(band.width / 2, offset, softness: 0.008))
    }
    return colour
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    let (warp, weft) = (thread(point.x, palette), thread(point.y, palette))
    let rib = 0.5 + 0.5 * sin((point.x + point.y) * turn * 12)
    return mix(warp, weft, 0.5) * (1 - twill * rib)
  }
}

/// Bands that pass over and under each other, as in a basket.
struct Weave: Texture {
  static let span: Range<Float> = 4..<8
  private let width: Float
  private let roundness: Float
  private let isTwoColoured: Bool

  init(random: inout RandomSource) {
    width = random.number(in: 0.62..<0.84)
    roundness = random.number(in: 0.3..<0.8)
    isTwoColoured = random.isLucky(0.5)
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    let isOver = Cell(of: point).isEven
    let (x, y) = (fraction(point.x) - 0.5, fraction(point.y) - 0.5)
    let half = width / 2
    // Of two bands the upper one is seen, between the crossings the only one.
    let liesAlongX = abs(y) < half && (isOver || abs(x) >= half)
    guard liesAlongX || abs(x) < half else { return palette.darker * 0.6 }
    let (along, across) = liesAlongX ? (x, y) : (y, x)
    // It rises to the crossings where it is above and falls to the others.
    let rise = cos(along * Float.pi) * (liesAlongX == isOver ? 1 : -1)
    let profile = 1 - roundness * (across / half) * (across / half)
    let band = liesAlongX && isTwoColoured ? palette.accent : palette.lighter
    return mix(palette.darker * 0.6, band, (0.6 + 0.4 * rise) * profile)
  }
}
