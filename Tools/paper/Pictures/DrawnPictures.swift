import Engine
import Imaging
import ShippedFiles
import Textures

/// Pictures for those who have none at hand.
enum DrawnPictures {
  /// The texture that stands for a folder's pictures; the others take the picture that ships.
  private static let textures: [String: TextureClass] = [
    "set5": .bricks, "set14": .plaid, "inpainting": .hexagons, "text": .wood, "region": .weave,
    "jpeg": .rings, "curves": .bricks, "architectures": .checks,
  ]

  static func subject(for folder: String) -> Subject {
    if textures[folder] == nil, let picture = try? Picture(contentsOf: ShippedFiles.picture.path) {
      return Subject(name: "spirals", picture: picture)
    }
    let texture = textures[folder] ?? .spirals
    return Subject(
      name: texture.name,
      picture: Picture(
        colour: TextureSet(seed: 7).picture(texture.rawValue, of: texture, side: 192)
      ).rounded())
  }

  /// A mask that hides a disc in the middle.
  static func disc(height: Int, width: Int) -> Tensor {
    var known = Tensor([1, 1, height, width], repeating: 1)
    let radius = Float(min(height, width)) / 5
    known.withMutableSpan { known in
      for y in 0..<height {
        for x in 0..<width {
          let (dy, dx) = (Float(2 * y - height + 1) / 2, Float(2 * x - width + 1) / 2)
          if dy * dy + dx * dx < radius * radius { known[y * width + x] = 0 }
        }
      }
    }
    return known
  }

  /// What a camera makes of a picture in warm, weak light: without noise and with it.
  static func dim(_ picture: Tensor, random: RandomSource) -> (clean: Tensor, noisy: Tensor) {
    let tint: [Float] = [0.5, 0.35, 0.2]
    let plane = picture.shape[2] * picture.shape[3]
    var clean = picture
    clean.withMutableSpan { elements in
      for index in elements.indices { elements[index] *= tint[index / plane % tint.count] }
    }
    let noisy = Picture(colour: clean).addingNoise(
      standardDeviation: 0.05, seed: random.seed)
    return (clean, noisy.colour)
  }
}
