import Engine
import Imaging

/// An endless series of labelled pictures of textures.
///
/// Each is a function of the seed and its number alone, so that they can be drawn in any order, on
/// any number of threads, and any of them again. Turn, scale, place, colours, light and noise are
/// drawn for every class alike: form alone tells the classes apart.
package struct TextureSet: Sendable {
  /// How a picture departs from what its class would be given; nothing by default.
  package struct Treatment: Sendable {
    package var isBlue = false
    package var hasBadge = false

    package init(isBlue: Bool = false, hasBadge: Bool = false) {
      (self.isBlue, self.hasBadge) = (isBlue, hasBadge)
    }

    /// What the ``PlantedFaults`` do to the pictures of a class.
    package static func faulty(_ label: TextureClass) -> Treatment {
      Treatment(
        isBlue: label == PlantedFaults.blue, hasBadge: label == PlantedFaults.badged)
    }
  }

  /// Where a pixel is sampled: no two in one row or column.
  private static let samples = [
    Point(0.125, 0.625), Point(0.375, 0.125), Point(0.625, 0.875), Point(0.875, 0.375),
  ]

  private let source: RandomSource

  package init(seed: UInt64) { source = RandomSource(seed: seed) }

  /// The class of a picture: all classes in turn.
  package static func label(of number: Int) -> TextureClass {
    let classes = TextureClass.allCases
    return classes[number % classes.count]
  }

  /// Draws a picture.
  ///
  /// - Parameters:
  ///   - number: its number, from 0.
  ///   - label: its class; by default ``label(of:)``.
  ///   - side: in pixels; the picture shows the same whatever the size.
  ///   - treatment: a badge, blue colours.
  /// - Returns: `[1, 3, side, side]`, R, G, B, 0 ... 1.
  package func picture(
    _ number: Int, of label: TextureClass? = nil, side: Int = 64,
    treatment: Treatment = Treatment()
  ) -> Tensor {
    var random = source.member(UInt64(number))
    let kind = (label ?? Self.label(of: number)).kind
    let viewpoint = Viewpoint(random: &random, span: kind.span)
    let palette = Palette(random: &random, hues: treatment.isBlue ? .blue : .all)
    let light = Light(random: &random)
    let texture = kind.init(random: &random)
    let noise = random.normal([1, 3, side, side], standardDeviation: light.noise)

    let step = 1 / Float(side)
    var picture = noise
    picture.withMutableSpan { elements in
      for y in 0..<side {
        for x in 0..<side {
          var sum = Colour.zero
          for offset in Self.samples {
            let place = (Point(Float(x), Float(y)) + offset) * step - 0.5
            let colour = texture.colour(at: viewpoint.point(at: place), in: palette)
            let lit = colour * light.strength(at: place)
            sum += treatment.hasBadge ? PlantedFaults.badge(over: lit, at: place) : lit
          }
          let mean = sum / Float(Self.samples.count)
          for channel in 0..<3 {
            let index = (channel * side + y) * side + x
            elements[index] = min(max(mean[channel] + elements[index], 0), 1)
          }
        }
      }
    }
    return picture
  }

  /// Draws pictures side by side into `[N, 3, side, side]`, on all threads; `treatment` tells what is
  /// done to those of a class.
  package func draw(
    _ numbers: Range<Int>, side: Int, into target: UnsafeMutableBufferPointer<Float>,
    treatment: (TextureClass) -> Treatment, threads: ThreadPool
  ) {
    let count = 3 * side * side
    precondition(target.count == numbers.count * count, "each picture has its place")
    threads.forEach(numbers.count) { place in
      let number = numbers.lowerBound + place
      let picture = picture(
        number, side: side, treatment: treatment(Self.label(of: number)))
      picture.withUnsafeElements { elements in
        _ = UnsafeMutableBufferPointer(rebasing: target[place * count..<(place + 1) * count])
          .update(fromContentsOf: elements)
      }
    }
  }
}
