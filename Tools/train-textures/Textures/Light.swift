import Engine

/// Where the light falls from and what the camera adds.
struct Light {
  private let slope: Point
  private let pool: Point
  private let poolStrength: Float
  private let exposure: Float
  /// The standard deviation of the camera's noise.
  let noise: Float

  init(random: inout RandomSource) {
    slope = Point(random.number(in: -0.35..<0.35), random.number(in: -0.35..<0.35))
    pool = Point(random.number(in: -0.5..<0.5), random.number(in: -0.5..<0.5))
    poolStrength = random.number(in: 0..<0.5)
    exposure = random.number(in: 0.85..<1.1)
    noise = random.number(in: 0..<0.035)
  }

  /// The light at a place of the picture, about 1.
  func strength(at place: Point) -> Float {
    let offset = place - pool
    return exposure * (1 + (slope * place).sum() - poolStrength * (offset * offset).sum())
  }
}
