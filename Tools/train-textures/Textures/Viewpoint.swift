import Engine

/// How a texture lies before the eye: turned, scaled, shifted, stretched a little and tilted.
struct Viewpoint {
  // The axes of the picture on the texture.
  private let right: Point
  private let down: Point
  private let origin: Point
  private let tilt: Point

  init(random: inout RandomSource, span: Range<Float>) {
    let angle = random.number(in: 0..<turn)
    let span = random.number(in: span)
    origin = Point(random.number(in: -0.35..<0.35), random.number(in: -0.35..<0.35))
    let ratio = random.number(in: 0.88..<1.14)
    let stretch = Point(ratio, 1 / ratio)
    right = Point(span, 0).rotated(by: angle) * stretch
    down = Point(0, span).rotated(by: angle) * stretch
    tilt = Point(random.number(in: -0.25..<0.25), random.number(in: -0.25..<0.25))
  }

  /// The point of the texture that is seen at a place of the picture, whose side spans -1/2 ... 1/2.
  func point(at place: Point) -> Point {
    let depth = 1 + (place * tilt).sum()
    let offset = (place - origin) / depth
    return offset.x * right + offset.y * down
  }
}
