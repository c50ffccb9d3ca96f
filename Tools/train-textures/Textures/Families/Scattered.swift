import Engine
import Foundation

/// Things strewn over a lattice, one a cell, some of them out of place.
struct Scatter {
  private let disorder: Float
  private let isStaggered: Bool
  let seed: UInt32

  init(random: inout RandomSource, disorder: Range<Float>) {
    self.disorder = random.isLucky(0.5) ? 0 : random.number(in: disorder)
    isStaggered = random.isLucky(0.5)
    seed = random.patternSeed()
  }

  /// The thing whose centre is nearest, as its cell and the way from its centre to the point.
  func nearest(to point: Point) -> (cell: Cell, offset: Point) {
    let home = Cell(of: point)
    var best = (cell: home, offset: Point(9, 9))
    home.forEachNeighbour { cell in
      let shift: Float = isStaggered && cell.row.remainder(dividingBy: 2) != 0 ? 0.5 : 0
      let stray = Point(cell.number(seed &+ 1) - 0.5, cell.number(seed &+ 2) - 0.5) * disorder
      let offset = point - (cell.corner + Point(0.5 + shift, 0.5) + stray)
      if (offset * offset).sum() < (best.offset * best.offset).sum() { best = (cell, offset) }
    }
    return best
  }
}

/// Round dots.
struct Dots: Texture {
  static let span: Range<Float> = 3.5..<8
  private let scatter: Scatter
  private let radius: Float
  private let variety: Float
  private let isBall: Bool

  init(random: inout RandomSource) {
    scatter = Scatter(random: &random, disorder: 0.1..<0.35)
    radius = random.number(in: 0.22..<0.36)
    variety = random.isLucky(0.4) ? random.number(in: 0.3..<0.9) : 0
    isBall = random.isLucky(0.25)
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    let (cell, offset) = scatter.nearest(to: point)
    let own = cell.number(scatter.seed)
    let size = radius * (1 - 0.35 * variety * own)
    var dot = mix(palette.ink, palette.accent, variety * own)
    if isBall { dot *= 1.15 - 0.9 * ((offset - Point(-0.1, -0.1)) / size).length * 0.5 }
    return mix(dot, palette.ground, edge(size, offset.length))
  }
}

/// Stars of four to six points, each turned its own way.
struct Stars: Texture {
  static let span: Range<Float> = 2.6..<5.5
  private let scatter: Scatter
  private let radius: Float
  private let points: Float
  private let depth: Float
  private let variety: Float
  private let isTurned: Bool

  init(random: inout RandomSource) {
    scatter = Scatter(random: &random, disorder: 0.1..<0.25)
    radius = random.number(in: 0.38..<0.47)
    points = Float(random.integer(in: 4...6))
    depth = random.number(in: 0.38..<0.5)
    variety = random.isLucky(0.4) ? random.number(in: 0.3..<0.9) : 0
    isTurned = random.isLucky(0.7)
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    let (cell, offset) = scatter.nearest(to: point)
    let own = cell.number(scatter.seed)
    let angle = atan2(offset.y, offset.x) / turn + (isTurned ? own : 0)
    // The side from an outer corner at `radius` to an inner one at `radius · depth`.
    let sector = distanceToWhole(angle * points) / points * turn
    let inner = Point(depth * cos(.pi / points), depth * sin(.pi / points))
    let here = Point(cos(sector), sin(sector)) * (offset.length / radius)
    let side = inner - Point(1, 0)
    let outside = (here.x - 1) * side.y - here.y * side.x
    let star = mix(palette.ink, palette.accent, variety * own)
    return mix(palette.ground, star, edge(0, -outside / side.length, softness: 0.05))
  }
}
