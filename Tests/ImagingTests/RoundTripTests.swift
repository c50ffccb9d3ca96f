import Engine
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("Writing and reading again")
struct RoundTripTests {
  /// A picture whose samples are steps of its depth, of sides that are no multiples of anything.
  static func picture(channels: Int, alpha: Bool, _ depth: Picture.BitDepth) -> Picture {
    var source = RandomSource(seed: UInt64(channels * 2 + (alpha ? 1 : 0)))
    func plane(_ channels: Int) -> Tensor {
      var plane = source.uniform([1, channels, 7, 13], in: 0..<1)
      plane.withMutableSpan { elements in
        for index in elements.indices {
          let maximum = Float((1 << depth.rawValue) - 1)
          elements[index] = (elements[index] * maximum).rounded() / maximum
        }
        (elements[0], elements[1]) = (0, 1)
      }
      return plane
    }
    return Picture(colour: plane(channels), alpha: alpha ? plane(1) : nil, bitDepth: depth)
  }

  @Test(
    "every kind of picture survives", arguments: [1, 3], [Picture.BitDepth.eight, .sixteen])
  func everyKind(channels: Int, depth: Picture.BitDepth) throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "picture.png").path
      for alpha in [false, true] {
        let picture = Self.picture(channels: channels, alpha: alpha, depth)
        try picture.write(to: path)
        #expect(try Picture(contentsOf: path) == picture)
      }
    }
  }

  @Test("values outside 0 ... 1 are clamped, others rounded to the nearest step")
  func rounding() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "picture.png").path
      let values: [Float] = [-1, 2, .nan, .infinity, -.infinity, 100.4 / 255, 100.6 / 255, 1]
      try Picture(colour: Tensor([1, 1, 2, 4], values)).write(to: path)
      let read = try Picture(contentsOf: path).colour.elements.map { ($0 * 255).rounded() }
      #expect(read == [0, 255, 0, 255, 0, 100, 101, 255])
    }
  }
}
