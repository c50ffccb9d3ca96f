import Diagnosis
import Engine
import Testing

@Suite("Alterations")
struct AlterationTests {
  /// Random colours of 12 rows and 16 columns.
  private static let picture: Tensor = {
    var random = RandomSource(seed: 4)
    return Tensor([1, 3, 12, 16], (0..<3 * 12 * 16).map { _ in random.number(in: 0.3..<0.7) })
  }()

  private static func luma(_ picture: Tensor, _ row: Int, _ column: Int) -> Float {
    0.299 * picture[0, 0, row, column] + 0.587 * picture[0, 1, row, column]
      + 0.114 * picture[0, 2, row, column]
  }

  // YIQ's matrices have four digits or so: hence 1e-3.
  @Test("grey and turned colours keep the luma, and a whole turn the picture")
  func colours() {
    let picture = Self.picture
    let (grey, half) = (Alteration.grey(picture), Alteration.hue(degrees: 180)(picture))
    for row in 0..<12 {
      for column in 0..<16 {
        let luma = Self.luma(picture, row, column)
        #expect(abs(Self.luma(half, row, column) - luma) < 1e-3)
        for channel in 0..<3 { #expect(abs(grey[0, channel, row, column] - luma) < 1e-3) }
      }
    }
    // Half a turn mirrors colours about grey.
    let difference = zip(half.elements, picture.elements).map { $0 + $1 }
    let doubled = grey.elements.map { 2 * $0 }
    #expect(zip(difference, doubled).allSatisfy { abs($0 - $1) < 2e-3 })
    let turned = Alteration.hue(degrees: 360)(picture)
    #expect(zip(turned.elements, picture.elements).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  @Test("what is moved wraps round, and what is mirrored twice is as it was")
  func places() {
    let picture = Self.picture
    let moved = Alteration.shift(down: 0.25, right: 0.5)(picture)
    #expect(moved[0, 1, 3, 8] == picture[0, 1, 0, 0])
    #expect(moved[0, 2, 0, 0] == picture[0, 2, 9, 8])
    #expect(Alteration.mirror(picture)[0, 0, 2, 0] == picture[0, 0, 2, 15])
    #expect(Alteration.mirror(Alteration.mirror(picture)) == picture)
  }

  @Test("shuffled squares are the same squares elsewhere, by the seed")
  func squares() {
    let picture = Self.picture
    let shuffled = Alteration.shuffle(squares: 4, seed: 1)(picture)
    #expect(shuffled != picture)
    #expect(shuffled.elements.sorted() == picture.elements.sorted())
    #expect(shuffled == Alteration.shuffle(squares: 4, seed: 1)(picture))
    #expect(shuffled != Alteration.shuffle(squares: 4, seed: 2)(picture))
    // Each row of a square is somewhere in the picture whole.
    let row = (0..<4).map { shuffled[0, 0, 0, $0] }
    let found = (0..<12).contains { y in
      [0, 4, 8, 12].contains { x in (0..<4).allSatisfy { picture[0, 0, y, x + $0] == row[$0] } }
    }
    #expect(found)
    #expect(Alteration.shuffle(squares: 40, seed: 1)(picture) == picture)
  }

  @Test("a blurred picture keeps one colour and loses detail")
  func blur() {
    let flat = Tensor([1, 3, 8, 8], [Float](repeating: 0.25, count: 192))
    #expect(Alteration.blur(share: 0.2)(flat).elements.allSatisfy { abs($0 - 0.25) < 1e-6 })
    func deviation(_ picture: Tensor) -> Float {
      picture.elements.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) }
    }
    #expect(deviation(Alteration.blur(share: 0.1)(Self.picture)) < 0.3 * deviation(Self.picture))
  }
}
