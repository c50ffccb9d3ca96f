extension ClassLabels {
  /// The classes of the networks that ship with the project, by index.
  public static let textures = ClassLabels(names: [
    "stripes", "waves", "zigzag", "rings", "spirals", "checks", "triangles", "hexagons", "grid",
    "bricks", "scales", "plaid", "weave", "dots", "stars", "wood", "clouds", "marble", "cracks",
    "maze",
  ])
}
