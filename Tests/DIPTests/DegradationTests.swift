import DIP
import Engine
import TestSupport
import Testing

/// What is seen of a picture through its degradation, by the energy of one that is given pixel by pixel.
@Suite("Degradations")
struct DegradationTests {
  /// The energy of what is seen of a picture where `observed` is given, and the picture found in it.
  private static func energy(
    of seen: Tensor, _ observed: Tensor, _ degradation: Degradation
  ) throws -> (loss: Float, picture: Tensor) {
    let restoration = Restoration(
      observed: observed, degradation: degradation, prior: PixelPrior(start: .picture(seen)),
      plan: SolvePlan(iterations: 1, learningRate: 0))
    let solution = try restoration.solver(
      random: RandomSource(seed: 0), threads: ThreadPool(threads: 1)
    ).run()
    return (solution.loss, solution.picture)
  }

  private static func cropped(
    _ x: Tensor, top: Int, left: Int, height: Int, width: Int
  ) -> Tensor {
    var result = Tensor([1, x.shape[1], height, width])
    for c in 0..<x.shape[1] {
      for y in 0..<height {
        for j in 0..<width { result[0, c, y, j] = x[0, c, y + top, j + left] }
      }
    }
    return result
  }

  @Test("a white point becomes the kernel, and its surroundings are cut off")
  func pointSpread() throws {
    let kernel = try BlurKernel(Tensor.hashed("kernel", [1, 1, 5, 3], in: 0.1..<1))
    var seen = Tensor([1, 3, 20, 22])
    var observed = Tensor([1, 3, 16, 20])
    for c in 0..<3 {
      seen[0, c, 9, 7 + c] = 1
      for y in 0..<5 {
        for x in 0..<3 { observed[0, c, 5 + y, 5 + c + x] = kernel.values[3 * y + x] }
      }
    }
    let degradation = Degradation(.blur(kernel))
    let found = try Self.energy(of: seen, observed, degradation)
    #expect(found.loss < 1e-15)
    #expect(found.picture == Self.cropped(seen, top: 2, left: 1, height: 16, width: 20))
    // The reference itself, turned, does not fit.
    let turned = try BlurKernel(Tensor([1, 1, 5, 3], kernel.values.reversed()))
    #expect(try Self.energy(of: seen, observed, Degradation(.blur(turned))).loss > 1e-6)
  }

  @Test("steps follow one another in their order")
  func composition() throws {
    let seen = Tensor.hashed("composition", [1, 2, 34, 32], in: 0..<1)
    var mask = Tensor([1, 1, 16, 16], repeating: 1)
    mask[0, 0, 3, 4] = 0
    let kernel = try BlurKernel(Tensor([1, 1, 3, 1], [1, 2, 5]))
    var observed = Tensor([1, 2, 16, 16])
    for c in 0..<2 {
      for y in 0..<16 {
        for x in 0..<16 where mask[0, 0, y, x] == 1 {
          // The mean of two by two pixels of the column blurred by 5, 2, 1.
          var sum: Float = 0
          for i in 0..<2 {
            for (row, weight) in [5, 2, 1 as Float].enumerated() {
              for j in 0..<2 { sum += weight * seen[0, c, 2 * y + i + row, 2 * x + j] }
            }
          }
          observed[0, c, y, x] = sum / 32
        }
      }
    }
    // What the mask hides is nobody's concern.
    observed[0, 1, 3, 4] = 0.7
    let degradation = Degradation(.blur(kernel), .downsampling(factor: 2, filter: .box))
      .followed(by: .mask(mask))
    let found = try Self.energy(of: seen, observed, degradation)
    #expect(found.loss < 1e-13)
    #expect(found.picture == Self.cropped(seen, top: 1, left: 0, height: 32, width: 32))
    // A first mask hides what is then blurred.
    let first = Degradation(
      .mask(Tensor([1, 1, 34, 32])), .blur(kernel), .downsampling(factor: 2, filter: .box))
    let black = Tensor([1, 2, 16, 16])
    #expect(try Self.energy(of: seen, black, first).loss == 0)
  }

  @Test("a blur after an enlargement by a fraction is seen whole")
  func fractions() throws {
    let kernel = try BlurKernel.gaussian(deviation: 0.5)
    let degradation = Degradation(
      .downsampling(factor: 2.5, filter: .lanczos2), .blur(kernel))
    #expect(kernel.height == 5)
    // 17 + 4 pixels and 20 + 4, times 2.5.
    let seen = Tensor.hashed("fractions", [1, 1, 53, 60])
    let found = try Self.energy(of: seen, Tensor([1, 1, 17, 20]), degradation)
    #expect(found.picture == Self.cropped(seen, top: 5, left: 5, height: 43, width: 50))
    let grey = try Self.energy(
      of: Tensor(seen.shape, repeating: 0.5), Tensor([1, 1, 17, 20], repeating: 0.5), degradation)
    #expect(grey.loss < 1e-12)
  }

  @Test("a random mask hides its share, by its seed", arguments: [0.1, 0.5, 0.98])
  func randomMask(share: Float) {
    func mask(_ seed: UInt64) -> Tensor {
      Degradation.randomMask(
        hiding: share, height: 100, width: 90, random: RandomSource(seed: seed))
    }
    let hidden = mask(1).elements.count { $0 == 0 }
    #expect(mask(1).elements.allSatisfy { $0 == 0 || $0 == 1 })
    // Within five deviations.
    let expected = 9000 * share
    let deviation = (expected * (1 - share)).squareRoot()
    #expect(abs(Float(hidden) - expected) < 5 * deviation)
    #expect(mask(1) == mask(1))
    #expect(mask(1) != mask(2))
  }

  @Test("steps that do not fit the picture are told")
  func errors() throws {
    let observed = Tensor([1, 1, 20, 24])
    func check(_ error: RestorationError, _ steps: Degradation.Step...) {
      #expect(throws: error) {
        var degradation = Degradation.identity
        degradation.steps = steps
        _ = try Restoration(
          observed: observed, degradation: degradation,
          prior: PixelPrior(start: .uniform(0..<1)),
          plan: SolvePlan(iterations: 1, learningRate: 0)
        ).solver(random: RandomSource(seed: 0), threads: ThreadPool(threads: 1))
      }
    }
    let kernel = try BlurKernel(Tensor([1, 1, 21, 1], repeating: 1))
    check(
      .kernelSize(width: 1, height: 21, pictureWidth: 24, pictureHeight: 20), .blur(kernel))
    check(
      .maskSize(width: 24, height: 20, expectedWidth: 48, expectedHeight: 40),
      .mask(Tensor([1, 1, 20, 24])), .downsampling(factor: 2, filter: .box))
    check(.factor(20.5, limit: 20), .downsampling(factor: 20.5, filter: .box))
    for factor in [0.5, 65, .infinity, -1] {
      check(.factor(factor, limit: 64), .downsampling(factor: factor, filter: .box))
    }
    #expect(
      "\(RestorationError.kernelSize(width: 1, height: 21, pictureWidth: 24, pictureHeight: 20))"
        == "the kernel has 1×21 pixels and the picture 24×20; give a smaller kernel")
    #expect(
      "\(RestorationError.factor(20.5, limit: 20))" == "cannot enlarge by 20.5; give a factor "
        + "above 1 and up to 20, the picture's smaller side")
  }
}
