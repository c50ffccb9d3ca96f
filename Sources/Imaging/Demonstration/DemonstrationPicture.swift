internal import Engine
internal import Foundation

extension Picture {
  /// Draws a still life of our own, so that a demonstration needs nobody's photograph: balls and a
  /// box on a checked cloth before a papered wall, with smooth shades, sharp edges, stripes, rings
  /// and grain. The seed varies the grain and the cloth.
  ///
  /// - Precondition: the sides are positive.
  public static func demonstration(height: Int, width: Int, seed: UInt64) -> Picture {
    precondition(height > 0 && width > 0, "cannot draw \(height) × \(width) pixels")
    let scene = StillLife(seed: seed)
    let samples = 4
    var colour = Tensor([1, 3, height, width])
    let unit = Float(min(height, width) * samples)
    colour.withMutableSpan { elements in
      for y in 0..<height {
        for x in 0..<width {
          var sum = SIMD3<Float>.zero
          for sample in 0..<samples * samples {
            let column = Float(x * samples + sample % samples) + 0.5
            let row = Float(y * samples + sample / samples) + 0.5
            sum += scene.colour(
              x: (2 * column - Float(width * samples)) / unit,
              y: (Float(height * samples) - 2 * row) / unit)
          }
          let mean = sum / Float(samples * samples)
          for channel in 0..<3 {
            // The eye's scale, near enough to sRGB's curve.
            elements[(channel * height + y) * width + x] = pow(
              min(max(mean[channel], 0), 1), 1 / 2.2)
          }
        }
      }
    }
    return Picture(colour: colour)
  }
}
