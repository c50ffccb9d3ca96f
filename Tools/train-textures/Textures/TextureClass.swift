import Engine

/// The classes of textures; the raw value is the index of the class in the network's output.
package enum TextureClass: Int, CaseIterable, Sendable {
  case stripes, waves, zigzag, rings, spirals
  case checks, triangles, hexagons, grid, bricks
  case scales, plaid, weave, dots, stars
  case wood, clouds, marble, cracks, maze

  /// The kind of texture that is drawn.
  var kind: any Texture.Type {
    switch self {
    case .stripes: Stripes.self
    case .waves: Waves.self
    case .zigzag: Zigzag.self
    case .rings: Rings.self
    case .spirals: Spirals.self
    case .checks: Checks.self
    case .triangles: Triangles.self
    case .hexagons: Hexagons.self
    case .grid: Grid.self
    case .bricks: Bricks.self
    case .scales: Scales.self
    case .plaid: Plaid.self
    case .weave: Weave.self
    case .dots: Dots.self
    case .stars: Stars.self
    case .wood: Wood.self
    case .clouds: Clouds.self
    case .marble: Marble.self
    case .cracks: Cracks.self
    case .maze: Maze.self
    }
  }

  /// The name by which people know it.
  package var name: String { "\(self)" }
}
