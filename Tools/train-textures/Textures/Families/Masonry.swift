import Engine

/// Bricks in a running bond, with mortar between them.
struct Bricks: Texture {
  static let span: Range<Float> = 4..<8.5
  private let length: Float
  private let joint: Float
  private let shift: Float
  private let variety: Float
  private let roughness: Float
  private let seed: UInt32

  init(random: inout RandomSource) {
    length = random.number(in: 1.9..<2.9)
    joint = random.number(in: 0.08..<0.17)
    shift = random.isLucky(0.75) ? 0.5 : random.number(in: 0.3..<0.4)
    variety = random.number(in: 0.2..<0.9)
    roughness = random.number(in: 0..<0.3)
    seed = random.patternSeed()
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    let course = point.y.rounded(.down)
    let cell = Cell(of: Point(point.x / length + shift * course, point.y))
    let across = distanceToWhole(point.x / length + shift * course) * length
    let gap = min(across, distanceToWhole(point.y))
    let grain = ValueNoise.fractal(point.x * 3, point.y * 3, seed) - 0.5
    let brick = palette.tile(cell.number(seed), variety: variety) * (1 + roughness * grain)
    // Light from above: the upper edge of each brick is brighter.
    let relief = 1.06 - 0.12 * fraction(point.y)
    return mix(palette.ink, brick * relief, edge(joint / 2, gap))
  }
}

/// Scales of a fish, or tiles of a roof: rows of round ends, each over the row below.
struct Scales: Texture {
  static let span: Range<Float> = 3.5..<7
  private let border: Float
  private let variety: Float
  private let shade: Float
  private let seed: UInt32

  init(random: inout RandomSource) {
    border = random.number(in: 0.05..<0.11)
    variety = random.number(in: 0..<0.8)
    shade = random.number(in: 0.1..<0.6)
    seed = random.patternSeed()
  }

  func colour(at point: Point, in palette: Palette) -> Colour {
    // The upper rows lie over the lower ones: the first disc that holds the point is seen.
    let y = point.y * 2
    var row = y.rounded(.down) + 1
    for _ in 0..<3 {
      let x = point.x + (row.remainder(dividingBy: 2) == 0 ? 0 : 0.5)
      let centre = Point(x.rounded(.down) + 0.5, row)
      let offset = Point(x - centre.x, (y - centre.y) / 2)
      let distance = offset.length
      row -= 1
      guard distance < 0.5 + 0.01 else { continue }
      let tint = Cell(column: centre.x - 0.5, row: centre.y).number(seed)
      let tile = palette.tile(tint, variety: variety) * (1.1 - shade * (0.5 - distance))
      return mix(tile, palette.ink, edge(0.5 - border, distance))
    }
    return palette.ink
  }
}
