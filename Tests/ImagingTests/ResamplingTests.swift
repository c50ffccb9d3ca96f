import Engine
import Imaging
import TestSupport
import Testing

@Suite("Resampling")
struct ResamplingTests {
  // Pillow too sums in double precision and rounds to single twice; only the order of the sums and
  // the last bits of the sines differ.
  @Test("every filter agrees with Pillow, enlarging and shrinking")
  func reference() throws {
    let source = Tensor(
      [1, 1, 13, 11],
      Array(
        try ReferenceNumbers.picture("noisy").cropped(to: Region(height: 13, width: 11))
          .colour.elements.prefix(13 * 11)))
    let cases = try ReferenceNumbers.load().resized
    #expect(cases.count == 24)
    for expected in cases {
      let filter = try #require(ResamplingFilter(rawValue: expected.filter))
      let found = source.resized(toHeight: expected.height, width: expected.width, filter: filter)
      #expect(found.shape == [1, 1, expected.height, expected.width])
      let error = zip(found.elements, expected.values).map { abs($0 - $1) }.max() ?? .infinity
      #expect(
        error < 1e-6, "\(filter) to \(expected.height) × \(expected.width): off by \(error)")
    }
  }

  @Test("pictures of 8 bits become what Pillow makes of them, both filters to the step")
  func steps() throws {
    let noisy = try ReferenceNumbers.picture("noisy")
    let cases: [(String, ResamplingFilter)] = [("shrunk", .lanczos3), ("enlarged", .bicubic)]
    for (name, filter) in cases {
      let expected = try ReferenceNumbers.picture(name)
      let found = noisy.resizedInSteps(
        toHeight: expected.height, width: expected.width, filter: filter)
      #expect(largestDifference(found, expected) < 0.01, "\(name)")
    }
  }

  @Test("planes are resized independently of one another")
  func planes() {
    var source = RandomSource(seed: 1)
    let stack = source.uniform([2, 3, 7, 5], in: 0..<1)
    let resized = stack.resized(toHeight: 4, width: 9, filter: .bicubic)
    for plane in 0..<6 {
      let single = Tensor([1, 1, 7, 5], Array(stack.elements[plane * 35..<(plane + 1) * 35]))
      #expect(
        single.resized(toHeight: 4, width: 9, filter: .bicubic).elements
          == Array(resized.elements[plane * 36..<(plane + 1) * 36]))
    }
  }

  @Test("colours of transparent pixels do not bleed in, overshoots are clamped")
  func transparency() {
    // Half transparent black, half opaque white.
    let half = (0..<8).map { Float($0 % 4 < 2 ? 0 : 1) }
    let picture = Picture(colour: Tensor([1, 1, 2, 4], half), alpha: Tensor([1, 1, 2, 4], half))
    let resized = picture.resized(toHeight: 2, width: 9, filter: .lanczos3)
    let alpha = resized.alpha?.elements ?? []
    #expect(alpha.allSatisfy { (0...1).contains($0) })
    for (colour, alpha) in zip(resized.colour.elements, alpha) where alpha > 0 {
      #expect(abs(colour - 1) < 1e-6)
    }
  }

  @Test("crops take the rectangle that they say")
  func crops() {
    let numbers = Tensor([1, 3, 5, 7], (0..<105).map(Float.init))
    let picture = Picture(colour: numbers, alpha: Tensor([1, 1, 5, 7]))
    let cut = picture.cropped(to: Region(rows: 1..<3, columns: 4..<7))
    #expect(
      cut.colour.elements == [
        11, 12, 13, 18, 19, 20, 46, 47, 48, 53, 54, 55, 81, 82, 83, 88, 89, 90,
      ])
    #expect(cut.alpha?.shape == [1, 1, 2, 3])
    #expect(
      picture.centreCropped(toSide: 3)
        == picture.cropped(to: Region(rows: 1..<4, columns: 2..<5)))
    #expect(picture.centreCropped(toSide: 99).colour.shape == [1, 3, 5, 5])
  }
}
