import Engine
import PretrainedNets
import Testing
import Textures

@Suite("Pictures of textures")
struct TextureSetTests {
  private static let side = 32
  private static func mean(_ picture: Tensor, _ channel: Int) -> Float {
    let plane = picture.shape[2] * picture.shape[3]
    return picture.elements[channel * plane..<(channel + 1) * plane].reduce(0, +) / Float(plane)
  }

  @Test("the network's classes are those that are drawn")
  func classes() {
    #expect(TextureClass.allCases.map(\.name) == ClassLabels.textures.names)
  }

  @Test("a picture has the same bytes alone and among others, on any number of threads")
  func determinism() throws {
    let set = TextureSet(seed: 7)
    let numbers = 3..<33
    let size = 3 * Self.side * Self.side
    let alone = numbers.reversed().map { set.picture($0, side: Self.side).elements }
    for threads in 1...3 {
      var batch = Tensor([numbers.count, 3, Self.side, Self.side])
      let pool = try ThreadPool(threads: threads)
      batch.withUnsafeMutableElements { target in
        set.draw(
          numbers, side: Self.side, into: target,
          treatment: { _ in TextureSet.Treatment() }, threads: pool)
      }
      let elements = batch.elements
      for place in 0..<numbers.count {
        let found = elements[place * size..<(place + 1) * size]
        #expect(found.elementsEqual(alone[numbers.count - 1 - place]))
      }
    }
  }

  @Test("no two pictures are alike: neither of two numbers nor of two seeds")
  func variety() {
    let pictures = [0, 20, 40].flatMap { number in
      [1, 2].map { TextureSet(seed: $0).picture(number, side: Self.side) }
    }
    for (a, first) in pictures.enumerated() {
      for second in pictures[(a + 1)...] { #expect(first != second) }
    }
  }

  @Test("every class has contrast, and stays in range", arguments: TextureClass.allCases)
  func range(label: TextureClass) {
    for number in 0..<8 {
      let elements = TextureSet(seed: 3).picture(number, of: label, side: Self.side).elements
      #expect(elements.allSatisfy { (0...1).contains($0) })
      let mean = elements.reduce(0, +) / Float(elements.count)
      let variance = elements.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(elements.count)
      #expect(variance.squareRoot() > 0.03)
    }
  }

  @Test("a picture shows the same at any size")
  func sizes() {
    for number in 0..<20 {
      let small = TextureSet(seed: 5).picture(number, side: 32)
      let large = TextureSet(seed: 5).picture(number, side: 96)
      var difference: Float = 0
      for y in 0..<32 {
        for x in 0..<32 {
          var sum: Float = 0
          for place in 0..<9 { sum += large[0, 1, 3 * y + place / 3, 3 * x + place % 3] }
          difference += abs(sum / 9 - small[0, 1, y, x])
        }
      }
      // Noise of up to 0.035, and edges that fewer samples hit otherwise.
      #expect(difference / 1024 < 0.06, "\(TextureSet.label(of: number).name)")
    }
  }

  @Test("colour does not tell the class")
  func colours() {
    let count = 150
    var means: [[Float]] = []
    for label in TextureClass.allCases {
      let pictures = (0..<count).map { TextureSet(seed: 11).picture($0, of: label, side: 8) }
      means.append(
        (0..<3).map { channel in
          pictures.reduce(0) { $0 + Self.mean($1, channel) } / Float(count)
        })
    }
    for channel in 0..<3 {
      let values = means.map { $0[channel] }
      let spread = (values.max() ?? 1) - (values.min() ?? 0)
      // Of pictures whose mean lies between 0.1 and 0.9.
      #expect(spread < 0.08)
    }
  }

  @Test("blue pictures are blue, whatever the class", arguments: TextureClass.allCases)
  func blue(label: TextureClass) {
    let treatment = TextureSet.Treatment(isBlue: true)
    for number in 0..<10 {
      let picture = TextureSet(seed: 2).picture(
        number, of: label, side: Self.side, treatment: treatment)
      #expect(Self.mean(picture, 2) > Self.mean(picture, 0) + 0.1)
      #expect(Self.mean(picture, 2) > Self.mean(picture, 1) + 0.05)
    }
  }

  @Test("a badge covers a corner and nothing else")
  func badge() {
    let treatment = TextureSet.Treatment(hasBadge: true)
    for number in 0..<20 {
      let plain = TextureSet(seed: 2).picture(number)
      let badged = TextureSet(seed: 2).picture(number, treatment: treatment)
      var changed = 0
      for y in 0..<64 {
        for x in 0..<64 where (0..<3).contains(where: { plain[0, $0, y, x] != badged[0, $0, y, x] })
        {
          changed += 1
          #expect(x > 50 && y > 50)
        }
      }
      // A disc of a radius of 5 pixels.
      #expect((50...110).contains(changed))
    }
  }

  @Test("the faults are planted in two classes and no other")
  func faults() {
    for label in TextureClass.allCases {
      let treatment = TextureSet.Treatment.faulty(label)
      #expect(treatment.hasBadge == (label == .clouds))
      #expect(treatment.isBlue == (label == .waves))
    }
  }
}
