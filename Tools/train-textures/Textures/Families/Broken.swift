import Engine
import Foundation

/// Dried mud: crooked cracks between pieces of every form (the borders of Voronoi's cells).
struct Cracks: Texture {
  static let span: Range<Float> = 2.6..<5.5
  private let width: Float
  private let crookedness: Float
  private let variety: Float
  private let seed: UInt32

  init(random: inout RandomSource) {
    width = random.number(in: 0.05..<0.11)
    crookedness = random.number(in: 0.25..<0.5)
    variety = random.number(in: 0..<0.5)
    seed = random.patternSeed()
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    let bent =
      point
      + crookedness
      * Point(
        ValueNoise.fractal(point.x * 1.6, point.y * 1.6, seed &+ 11),
        ValueNoise.fractal(point.x * 1.6, point.y * 1.6, seed &+ 23))
    let home = Cell(of: bent)
    var first = (distance: Float(9), centre: Point.zero, cell: home)
    home.forEachNeighbour { cell in
      let centre = centre(of: cell)
      let distance = (bent - centre).length
      if distance < first.distance { first = (distance, centre, cell) }
    }
    // The nearest of the lines half way to a neighbour's centre.
    var gap = Float(9)
    first.cell.forEachNeighbour { cell in
      guard cell != first.cell else { return }
      let centre = centre(of: cell)
      let way = centre - first.centre
      gap = min(gap, (((first.centre + centre) / 2 - bent) * way).sum() / way.length)
    }
    let grain = 0.94 + 0.12 * ValueNoise.noise(point.x * 16, point.y * 16, seed)
    let piece = palette.tile(first.cell.number(seed &+ 2), variety: variety) * grain
    return mix(palette.ink, piece, edge(width / 2, gap))
  }

  /// Far enough from the sides that the nearest are always next to one another.
  private func centre(of cell: Cell) -> Point {
    cell.corner + 0.12 + 0.76 * Point(cell.number(seed), cell.number(seed &+ 1))
  }
}

/// Mazes: at every crossing of the lattice a wall goes one of two ways.
struct Maze: Texture {
  static let span: Range<Float> = 5..<9.5
  private let width: Float
  private let isSlanted: Bool
  private let seed: UInt32

  init(random: inout RandomSource) {
    width = random.number(in: 0.22..<0.38)
    isSlanted = random.isLucky(0.3)
    seed = random.patternSeed()
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    let gap = isSlanted ? distanceToDiagonal(point) : distanceToWall(point)
    return mix(palette.ink, palette.ground, edge(width / 2, gap))
  }

  /// Walls go from each lattice point to its right or upwards.
  private func distanceToWall(_ point: Point) -> Float {
    let home = Cell(column: point.x.rounded(), row: point.y.rounded())
    var gap = Float(1)
    for row in [home.row - 1, home.row] {
      for column in [home.column - 1, home.column] {
        let cell = Cell(column: column, row: row)
        let offset = point - cell.corner
        let along = cell.number(seed) < 0.5 ? offset : Point(offset.y, offset.x)
        let beyond = along.x - min(max(along.x, 0), 1)
        gap = min(gap, Point(beyond, along.y).length)
      }
    }
    return gap
  }

  /// One of the two diagonals in each cell.
  private func distanceToDiagonal(_ point: Point) -> Float {
    let home = Cell(of: point)
    var gap = Float(1)
    home.forEachNeighbour { cell in
      var offset = point - cell.corner
      if cell.number(seed) < 0.5 { offset.x = 1 - offset.x }
      let along = min(max((offset.x + offset.y) / 2, 0), 1)
      gap = min(gap, (offset - Point(along, along)).length)
    }
    return gap
  }
}
