internal import Foundation

// What the things of the still life are painted with.
extension StillLife {
  /// A checked cloth on a wooden table.
  func table(_ point: Vector) -> Vector {
    if abs(point.x) < 1.5, point.z < 1.7 {
      let (column, row) = ((point.x * 4).rounded(.down), (point.z * 4).rounded(.down))
      let dark = (Int(column) + Int(row)) % 2 == 0
      let weave = 0.9 + 0.1 * sin(point.x * 130) * sin(point.z * 130)
      return (dark ? cloth : Vector(0.8, 0.78, 0.7)) * weave
    }
    let grain = ValueNoise.fractal(point.x * 2, point.z * 22, seed)
    let joint: Float = abs(point.z * 1.6 - (point.z * 1.6).rounded()) < 0.015 ? 0.4 : 1
    return Vector(0.34, 0.17, 0.07) * (0.5 + grain) * joint
  }

  /// Striped paper, and a picture of rings in a frame.
  func paper(_ point: Vector) -> Vector {
    let across = (point.x - 0.86) / 0.6
    let up = (point.y - 1.66) / 0.5
    let edge = max(abs(across), abs(up))
    if edge < 1 {
      if edge > 0.86 { return Vector(0.16, 0.08, 0.03) * (1.6 - edge) * 2 }
      if edge > 0.68 { return Vector(0.75, 0.74, 0.7) }
      let rings = 0.5 + 0.5 * cos(34 * (1.44 * across * across + up * up))
      return Vector(0.9, 0.75, 0.3) * rings + Vector(0.05, 0.12, 0.3) * (1 - rings)
    }
    let phase = point.x * 3.2 - (point.x * 3.2).rounded(.down)
    let stripe: Float = phase < 0.5 ? 0 : 1
    let thread: Float = abs(phase - 0.25) < 0.03 ? 1 : 0
    let paper =
      Vector(0.36, 0.48, 0.44) + stripe * Vector(0.14, 0.12, 0.08)
      - thread * Vector(0.14, 0.18, 0.15)
    // A pool of light, and the frame's shadow below it on the right.
    let (dx, dy) = (point.x + 0.5, point.y - 1.5)
    let pool = 0.55 + 0.7 * exp(-0.4 * (dx * dx + dy * dy))
    let behind = max(abs(point.x - 0.92) - 0.6, abs(point.y - 1.58) - 0.5)
    let shadow = 0.55 + 0.45 * ValueNoise.smooth(-0.04, 0.06, behind)
    return paper * (0.9 + 0.2 * ValueNoise.fractal(point.x * 12, point.y * 12, seed)) * pool
      * shadow
  }

  /// The nearest meeting of a ray with the box, which stands turned about the vertical.
  func box(
    _ origin: Vector, _ ray: Vector
  ) -> (distance: Float, normal: Vector, paint: Vector)? {
    let (s, c) = (sin(boxTurn), cos(boxTurn))
    func turn(_ v: Vector, _ s: Float) -> Vector {
      Vector(c * v.x - s * v.z, v.y, s * v.x + c * v.z)
    }
    let (start, direction) = (turn(origin - boxCenter, s), turn(ray, s))
    let far = (boxHalf.replacing(with: -boxHalf, where: direction .< 0) - start) / direction
    let near = (-boxHalf.replacing(with: -boxHalf, where: direction .< 0) - start) / direction
    let distance = near.max()
    guard distance > 0, distance < far.min() else { return nil }
    let axis = near.x == distance ? 0 : near.y == distance ? 1 : 2
    var normal = Vector.zero
    normal[axis] = direction[axis] < 0 ? 1 : -1
    return (distance, turn(normal, -s), wrapping(start + distance * direction, axis))
  }

  /// The paper of the box: a ribbon over fine slanted lines.
  private func wrapping(_ point: Vector, _ axis: Int) -> Vector {
    let (across, up) = (axis == 0 ? point.z : point.x, axis == 1 ? point.z : point.y)
    if abs(across) < 0.06 || abs(up) < 0.05 { return Vector(0.75, 0.1, 0.12) }
    let line = sin((across + up) * 62)
    return line > 0.1 ? Vector(0.75, 0.6, 0.2) : Vector(0.85, 0.8, 0.62)
  }
}
