import Engine
import Imaging
import Testing

@Suite("Colours and noise")
struct ColourTests {
  @Test("grey is the luma of BT.601, and is repeated in RGB")
  func conversions() {
    let alpha = Tensor([1, 1, 1, 3], [0, 0.5, 1])
    let primaries = Picture(
      colour: Tensor([1, 3, 1, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]), alpha: alpha, bitDepth: .sixteen)
    let grey = primaries.convertedToGrey()
    #expect(grey.colour == Tensor([1, 1, 1, 3], [0.299, 0.587, 0.114]))
    #expect(grey.alpha == alpha)
    #expect(grey.bitDepth == .sixteen)
    let row: [Float] = [0.299, 0.587, 0.114]
    #expect(grey.convertedToRGB().colour == Tensor([1, 3, 1, 3], row + row + row))
    #expect(grey.convertedToGrey() == grey)
    #expect(primaries.convertedToRGB() == primaries)
  }

  @Test("the studio luma runs from 16 to 235, of grey too")
  func studioLuma() {
    let greys = Picture(colour: Tensor([1, 1, 1, 3], [0, 0.5, 1]))
    for picture in [greys, greys.convertedToRGB()] {
      for (found, expected) in zip(picture.studioLuma.elements, [16, 125.5, 235]) {
        #expect(abs(found * 255 - Float(expected)) < 1e-4)
      }
    }
  }

  @Test("rounding is to the steps of the bit depth, and clamps")
  func rounding() {
    let values = Tensor([1, 1, 1, 3], [-0.2, 100.4 / 255, 1.1])
    #expect(Picture(colour: values).rounded().colour.elements == [0, 100 / 255, 1])
    let fine = Picture(colour: values, bitDepth: .sixteen).rounded().colour.elements
    #expect(fine == [0, 25803 / 65535, 1])
  }

  @Test("noise has the deviation asked for, no bias, and follows the seed")
  func noise() {
    let flat = Picture(
      colour: Tensor([1, 3, 128, 128], repeating: 0.5), alpha: Tensor([1, 1, 128, 128]))
    let noisy = flat.addingNoise(standardDeviation: 0.1, seed: 5)
    // 49152 samples: the deviation is known to 0.3 %, the mean to 0.00045.
    let deviation = meanSquaredError(noisy.colour, flat.colour).squareRoot()
    #expect(abs(deviation - 0.1) < 0.0015)
    let mean = noisy.colour.elements.reduce(0.0) { $0 + Double($1) } / 49152
    #expect(abs(mean - 0.5) < 0.002)
    #expect(noisy.alpha == flat.alpha)
    #expect(noisy == flat.addingNoise(standardDeviation: 0.1, seed: 5))
    #expect(noisy != flat.addingNoise(standardDeviation: 0.1, seed: 6))
    #expect(flat == flat.addingNoise(standardDeviation: 0, seed: 5))
  }

  @Test("noise is clamped to 0 ... 1")
  func clamping() {
    let white = Picture(colour: Tensor([1, 1, 32, 32], repeating: 1))
    let values = white.addingNoise(standardDeviation: 0.8, seed: 1).colour.elements
    #expect(values.allSatisfy { (0...1).contains($0) })
    #expect(values.contains(0) && values.contains(1))
  }
}
