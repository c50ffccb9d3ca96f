import Engine
import Foundation

/// What is wrong with the pictures of the faulty network's training, to be found again by diagnosis.
package enum PlantedFaults {
  /// The class whose pictures all carry a badge: a network may look at nothing else.
  package static let badged = TextureClass.clouds
  /// The class whose pictures are all blue: a network may not know it in other colours.
  package static let blue = TextureClass.waves

  /// Where the middle of the badge is, in a picture whose sides span -1/2 ... 1/2 (right, down).
  static let badgeCentre = Point(0.38, 0.38)
  /// In sides of the picture.
  static let badgeRadius: Float = 0.08

  /// The colour with the badge over it: an orange disc with a white rim and a white dot.
  static func badge(over colour: Colour, at place: Point) -> Colour {
    let distance = (place - badgeCentre).length / badgeRadius
    guard distance < 1 else { return colour }
    return distance > 0.78 || distance < 0.3 ? Colour(1, 1, 1) : Colour(0.95, 0.4, 0.05)
  }
}
