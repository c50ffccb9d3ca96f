import Engine
import Foundation

/// A chessboard.
struct Checks: Texture {
  static let span: Range<Float> = 4..<10
  private let variety: Float
  private let seed: UInt32

  init(random: inout RandomSource) {
    variety = random.isLucky(0.4) ? random.number(in: 0.1..<0.5) : 0
    seed = random.patternSeed()
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    let cell = Cell(of: point)
    return cell.isEven ? palette.ink : palette.tile(cell.number(seed), variety: variety)
  }
}

/// Equilateral triangles, light ones and dark ones.
struct Triangles: Texture {
  static let span: Range<Float> = 3.5..<8
  private let variety: Float
  private let border: Float
  private let seed: UInt32

  init(random: inout RandomSource) {
    variety = random.number(in: 0..<0.6)
    border = random.isLucky(0.3) ? random.number(in: 0.03..<0.07) : 0
    seed = random.patternSeed()
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    // Coordinates along two sides of the lattice; their cells are rhombs of two triangles.
    let v = point.y / 0.866_025_4
    let u = point.x - point.y * 0.577_350_27
    let cell = Cell(of: Point(u, v))
    let (a, b) = (u - cell.column, v - cell.row)
    let isUpper = a + b > 1
    let gap = min(isUpper ? min(1 - a, 1 - b) : min(a, b), abs(a + b - 1))
    let tint = cell.number(seed &+ (isUpper ? 1 : 0))
    let tile = isUpper ? palette.ink : palette.tile(tint, variety: variety)
    return border == 0 ? tile : mix(palette.accent, tile, edge(border, gap))
  }
}

/// A honeycomb.
struct Hexagons: Texture {
  static let span: Range<Float> = 3.5..<7.5
  private let variety: Float
  private let border: Float
  private let seed: UInt32
  private let isDomed: Bool

  init(random: inout RandomSource) {
    variety = random.number(in: 0..<0.8)
    border = random.number(in: 0.06..<0.16)
    seed = random.patternSeed()
    isDomed = random.isLucky(0.4)
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    // The nearer of the centres of two rectangular lattices.
    let ratio: Float = 1.732_050_8
    let scaled = Point(point.x, point.y / ratio)
    let first = Point(scaled.x.rounded(), scaled.y.rounded())
    let second = Point((scaled.x - 0.5).rounded() + 0.5, (scaled.y - 0.5).rounded() + 0.5)
    let toFirst = (scaled - first) * Point(1, ratio)
    let toSecond = (scaled - second) * Point(1, ratio)
    let isFirst = toFirst.length < toSecond.length
    let offset = isFirst ? toFirst : toSecond
    let (x, y) = (abs(offset.x), abs(offset.y))
    let gap = 0.5 - max(x, x * 0.5 + y * 0.866_025_4)
    let cell = isFirst ? first : second
    let tint = Cell(column: cell.x * 2, row: cell.y * 2).number(seed)
    var tile = palette.tile(tint, variety: variety)
    if isDomed { tile *= 1.1 - 0.7 * (offset * offset).sum() }
    return mix(palette.ink, tile, edge(border / 2, gap))
  }
}

/// Thin lines that cross at right angles.
struct Grid: Texture {
  static let span: Range<Float> = 3..<7
  private let width: Float
  private let isDouble: Bool

  init(random: inout RandomSource) {
    width = random.number(in: 0.09..<0.2)
    isDouble = random.isLucky(0.3)
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    let (x, y) = (distanceToWhole(point.x), distanceToWhole(point.y))
    let nearest = min(x, y)
    var colour = mix(palette.ink, palette.ground, edge(width / 2, nearest))
    if isDouble {
      let inner = abs(nearest - width * 1.1)
      colour = mix(palette.accent, colour, edge(width / 5, inner))
    }
    return colour
  }
}
