internal import Engine
internal import Foundation

/// The scene and how its light is reckoned: one ray a sample, soft shadows of the balls in closed form.
struct StillLife {
  typealias Vector = SIMD3<Float>

  private struct Ball {
    let center: Vector
    let radius: Float
    let paint: (_ normal: Vector) -> Vector
  }

  let seed: UInt32
  private let balls: [Ball]
  let cloth: Vector
  private let eye = Vector(0.1, 1.5, -4.4)
  private let light = normalize(Vector(-0.55, 0.85, -0.6))
  let boxCenter = Vector(1.0, 0.42, 1.05)
  let boxHalf = Vector(0.44, 0.42, 0.3)
  let boxTurn: Float = 0.5
  private let wall: Float = 2.4

  init(seed: UInt64) {
    var source = RandomSource(seed: seed)
    let number = UInt32(source.integer(in: 0...1 << 30))
    self.seed = number
    let palette = [
      Vector(0.62, 0.06, 0.07), Vector(0.06, 0.2, 0.5), Vector(0.05, 0.32, 0.2),
      Vector(0.4, 0.1, 0.36),
    ]
    cloth = palette[source.integer(in: 0...palette.count - 1)]
    let axis = normalize(Vector(0.5, 1, -0.35))
    balls = [
      Ball(center: [-0.75, 0.62, 0.55], radius: 0.62) { normal in
        let band = sin(11 * asin(min(max((normal * axis).sum(), -1), 1)))
        return band > 0 ? Vector(0.85, 0.82, 0.74) : Vector(0.03, 0.2, 0.42)
      },
      Ball(center: [0.22, 0.36, -0.3], radius: 0.36) { _ in Vector(0.9, 0.33, 0.03) },
      Ball(center: [-0.22, 0.21, -1.0], radius: 0.21) { normal in
        let moss = ValueNoise.fractal(normal.x * 9, normal.y * 9 + 4 * normal.z, number)
        return Vector(0.12, 0.34, 0.06) * (0.35 + 1.5 * moss)
      },
    ]
  }

  /// The colour, in proportion to light, seen in a direction of the picture, whose smaller side
  /// spans -1 ... 1.
  func colour(x: Float, y: Float) -> SIMD3<Float> {
    let ray = normalize(Vector(0.36 * x, 0.36 * y - 0.2, 1))
    var distance = (wall - eye.z) / ray.z
    var normal = Vector(0, 0, -1)
    var gloss: Float = 0
    var paint: Vector
    if ray.y < 0, -eye.y / ray.y < distance {
      distance = -eye.y / ray.y
      (normal, gloss) = (Vector(0, 1, 0), 0.03)
      paint = table(eye + distance * ray)
    } else {
      paint = paper(eye + distance * ray)
    }
    if let hit = box(eye, ray), hit.distance < distance {
      (distance, normal, paint, gloss) = (hit.distance, hit.normal, hit.paint, 0.05)
    }
    for ball in balls {
      let offset = eye - ball.center
      let middle = (offset * ray).sum()
      let reach = middle * middle - (offset * offset).sum() + ball.radius * ball.radius
      guard reach > 0, -middle - reach.squareRoot() < distance else { continue }
      distance = -middle - reach.squareRoot()
      normal = (eye + distance * ray - ball.center) / ball.radius
      (paint, gloss) = (ball.paint(normal), 0.5)
    }
    return shade(paint, gloss, at: eye + distance * ray, normal, ray)
  }

  private func shade(
    _ paint: Vector, _ gloss: Float, at point: Vector, _ normal: Vector, _ ray: Vector
  ) -> Vector {
    var lit = max(0, (normal * light).sum())
    var sky: Float = 0.75 + 0.25 * normal.y
    for ball in balls {
      let offset = ball.center - point
      let gap = (offset * offset).sum().squareRoot()
      guard gap > ball.radius * 1.001 else { continue }
      let along = (offset * light).sum()
      let miss = max(0, gap * gap - along * along).squareRoot() - ball.radius
      if along > 0 { lit *= ValueNoise.smooth(-0.06 * along, 0.16 * along, miss) }
      let facing = max(0, (normal * offset).sum() / gap)
      sky *= 1 - facing * pow(ball.radius / gap, 2)
    }
    if box(point + 0.002 * normal, light) != nil { lit *= 0.12 }
    let half = normalize(light - ray)
    let shine = gloss * pow(max(0, (normal * half).sum()), 60) * lit
    return paint * (0.95 * lit + 0.3 * sky * Vector(0.85, 0.95, 1.1)) + Vector(repeating: shine)
  }
}

private func normalize(_ vector: SIMD3<Float>) -> SIMD3<Float> {
  vector / (vector * vector).sum().squareRoot()
}
