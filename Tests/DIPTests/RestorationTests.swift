import DIP
import Engine
import TestSupport
import Testing

/// The recipes at tiny sizes and few iterations.
@Suite("Restoration")
struct RestorationTests {
  private static func picture(_ channels: Int, _ height: Int, _ width: Int) -> Tensor {
    Tensor.hashed("restoration.picture", [1, channels, height, width], in: 0..<1)
  }

  /// The recipe with a narrower hourglass: the loop is tested, not the network.
  private static func small(_ restoration: Restoration, iterations: Int) -> Restoration {
    var restoration = restoration
    var prior = restoration.prior as? HourglassPrior ?? HourglassPrior(.standard())
    prior.network.scales = prior.network.scales.map { scale in
      var scale = scale
      (scale.downChannels, scale.upChannels) = (8, 8)
      scale.skipChannels = min(scale.skipChannels, 2)
      return scale
    }
    restoration.prior = prior
    restoration.plan.iterations = iterations
    return restoration
  }

  private static func solve(
    _ restoration: Restoration, seed: UInt64 = 1, threads: Int = 2
  ) throws -> (solution: Solution, losses: [Float]) {
    var losses: [Float] = []
    let pool = try ThreadPool(threads: threads)
    let solution = try restoration.solver(random: RandomSource(seed: seed), threads: pool).run {
      losses.append($0.loss)
    }
    return (solution, losses)
  }

  @Test(
    "pictures of any sides keep them",
    arguments: [(1, 16, 16), (3, 33, 50), (1, 70, 19), (3, 64, 64)])
  func sizes(channels: Int, height: Int, width: Int) throws {
    let given = Self.picture(channels, height, width)
    let found = try Self.solve(Self.small(.denoising(given), iterations: 12))
    #expect(found.solution.picture.shape == given.shape)
    #expect(found.solution.average.shape == given.shape)
    #expect(try #require(found.losses.last) < found.losses[0])
  }

  @Test(
    "enlarged pictures have the factor's size and reduce to the given one",
    arguments: [2, 3, 4, 5, 1.3, 2.5])
  func superResolution(factor: Double) throws {
    let given = Self.picture(3, 17, 24)
    let found = try Self.solve(
      Self.small(try .superResolution(of: given, factor: factor), iterations: 12))
    let sides = [17, 24].map { Int(($0 * factor).rounded()) }
    #expect(found.solution.picture.shape == [1, 3, sides[0], sides[1]])
    #expect(try #require(found.losses.last) < found.losses[0])
  }

  @Test("what the mask hides has no say", arguments: Restoration.Holes.allCases)
  func inpainting(holes: Restoration.Holes) throws {
    var mask = Tensor([1, 1, 40, 48], repeating: 1)
    var other = Self.picture(3, 40, 48)
    let given = other
    for y in 10..<20 {
      for x in 12..<30 {
        mask[0, 0, y, x] = 0
        for c in 0..<3 { other[0, c, y, x] = 1 - other[0, c, y, x] }
      }
    }
    let a = try Self.solve(
      Self.small(.inpainting(given, mask: mask, holes: holes), iterations: 4))
    let b = try Self.solve(
      Self.small(.inpainting(other, mask: mask, holes: holes), iterations: 4))
    #expect(a.solution.picture == b.solution.picture)
    #expect(a.losses == b.losses)
    mask[0, 0, 15, 15] = 1
    let c = try Self.solve(
      Self.small(.inpainting(other, mask: mask, holes: holes), iterations: 4))
    #expect(a.solution.picture != c.solution.picture)
  }

  @Test("the same seed gives the same bytes on one, two and three threads")
  func threads() throws {
    let restoration = Self.small(.denoising(Self.picture(3, 40, 33)), iterations: 5)
    let one = try Self.solve(restoration, threads: 1).solution
    for count in [2, 3] {
      let other = try Self.solve(restoration, threads: count).solution
      #expect(other.picture == one.picture)
      #expect(other.average == one.average)
    }
    #expect(try Self.solve(restoration, seed: 2).solution.picture != one.picture)
  }

  @Test("the recipes have the original's settings")
  func settings() throws {
    let given = Self.picture(3, 32, 32)
    let denoising = Restoration.denoising(given)
    #expect(denoising.plan.iterations == 1800)
    #expect(denoising.plan.inputNoise == Float(1) / 30)
    #expect(try Restoration.superResolution(of: given, factor: 4).plan.iterations == 2000)
    let eight = try Restoration.superResolution(of: given, factor: 8).plan
    #expect((eight.iterations, eight.inputNoise) == (4000, 0.05))
    let mask = Tensor([1, 1, 32, 32], repeating: 1)
    let region = Restoration.inpainting(given, mask: mask, holes: .region)
    #expect((region.prior as? HourglassPrior)?.input == .meshgrid)
    #expect(region.plan.iterations == 5001)
    let plans = [
      (Restoration.removingJPEGArtefacts(of: given), 2400, Float(0.01), Float(1) / 30),
      (.inpainting(given, mask: mask, holes: .sparse), 1000, 0.01, 0),
      (try .flash(given, guide: given), 601, 0.1, 0),
      (.base(of: given), 500, 0.01, Float(1) / 30),
    ]
    for (restoration, iterations, rate, noise) in plans {
      #expect(restoration.plan.iterations == iterations)
      #expect((restoration.plan.phases[0].optimizer as? Adam)?.learningRate == rate)
      #expect(restoration.plan.inputNoise == noise)
    }
    let flash = try #require(try Restoration.flash(given, guide: given).prior as? GuidedPrior)
    #expect(
      flash.network.scales.map(\.upsampling)
        == [.nearest, .nearest, .bilinear, .bilinear, .bilinear])
  }

  @Test("the networks have as many parameters as the original's")
  func parameterCounts() throws {
    let given = Self.picture(3, 64, 64)
    let mask = Tensor([1, 1, 64, 64], repeating: 1)
    let pool = try ThreadPool(threads: 1)
    for (restoration, count) in [
      (Restoration.denoising(given), 2_217_831),
      (.removingJPEGArtefacts(of: given), 572_827),
      (.inpainting(given, mask: mask, holes: .text), 3_002_627),
      (.inpainting(given, mask: mask, holes: .region), 2_157_955),
      (.inpainting(given, mask: mask, holes: .sparse), 1_027_379),
      (try .flash(given, guide: given), 2_184_307),
    ] {
      let solver = try restoration.solver(random: RandomSource(seed: 0), threads: pool)
      #expect(solver.parameterCount == count)
    }
  }

  @Test("the flash picture is what the result is made of")
  func flash() throws {
    let (given, guide) = (Self.picture(3, 40, 33), Self.picture(1, 40, 33))
    func solve(_ guide: Tensor) throws -> Tensor {
      var restoration = try Restoration.flash(given, guide: guide)
      var network = SkipNetwork.standard(skip: 2)
      for index in network.scales.indices { network.scales[index].downChannels = 4 }
      restoration.prior = GuidedPrior(network, guide: guide)
      restoration.plan.iterations = 1
      return try Self.solve(restoration).solution.picture
    }
    let picture = try solve(guide)
    #expect(picture.shape == given.shape)
    // The same weights make of a turned guide another picture.
    let other = try solve(Tensor(guide.shape, guide.elements.reversed()))
    #expect(picture != other)
    let expected = RestorationError.guideSize(
      width: 33, height: 41, expectedWidth: 33, expectedHeight: 40)
    #expect(throws: expected) { try Restoration.flash(given, guide: Self.picture(3, 41, 33)) }
  }

  @Test("a blurred picture is explained, and keeps its sides", arguments: [1.0, 2.0])
  func deblurring(deviation: Double) throws {
    let given = Self.picture(1, 32, 40)
    let found = try Self.solve(
      Self.small(.deblurring(given, kernel: .gaussian(deviation: deviation)), iterations: 12))
    #expect(found.solution.picture.shape == given.shape)
    #expect(try #require(found.losses.last) < found.losses[0])
  }

  @Test("pictures, masks and factors that do not serve are told")
  func errors() throws {
    let pool = try ThreadPool(threads: 1)
    func open(_ restoration: Restoration) throws {
      _ = try restoration.solver(random: RandomSource(seed: 0), threads: pool)
    }
    #expect(throws: RestorationError.tooSmall(width: 1, height: 1)) {
      try open(.denoising(Self.picture(1, 1, 1)))
    }
    #expect(throws: RestorationError.tooSmall(width: 40, height: 15)) {
      try open(.denoising(Self.picture(3, 15, 40)))
    }
    let mask = Tensor([1, 1, 20, 21])
    let expected = RestorationError.maskSize(
      width: 21, height: 20, expectedWidth: 20, expectedHeight: 20)
    #expect(throws: expected) {
      try open(.inpainting(Self.picture(3, 20, 20), mask: mask, holes: .text))
    }
    for factor in [-1, 0, 1, 20.5, .infinity] {
      #expect(throws: RestorationError.factor(factor, limit: 20)) {
        try Restoration.superResolution(of: Self.picture(3, 20, 20), factor: factor)
      }
    }
  }

  @Test("hidden pixels are left out of the loss, and their error is followed")
  func heldOut() throws {
    let observed = Tensor.hashed("held.observed", [1, 3, 4, 5], in: 0..<1)
    let start = Tensor.hashed("held.start", [1, 3, 4, 5], in: 0..<1)
    let known = Tensor.hashed("held.known", [1, 1, 4, 5], in: 0..<1)
    let mask = Tensor(known.shape, known.elements.map { $0 < 0.7 ? 1 : 0 })
    let hidden = Tensor(known.shape, known.elements.map { $0 < 0.2 || $0 > 0.9 ? 1 : 0 })
    var energy = DataEnergy(
      observed: observed, degradation: Degradation(.mask(mask)),
      frame: PictureFrame(height: 4, width: 5, multiple: 1))
    energy.heldOut = hidden
    var plan = SolvePlan(iterations: 1, learningRate: 0)
    plan.stopping = .heldOutError
    let solver = try Solver(
      prior: PixelPrior(start: .picture(start)), channels: 3, height: 4, width: 5, energy: energy,
      plan: plan, random: RandomSource(seed: 1), threads: try ThreadPool(threads: 1))
    var score: Double?
    let solution = try solver.run { score = $0.score }
    var (loss, error, count) = (0.0, 0.0, 0)
    for index in 0..<60 {
      let (x, y) = (Double(start.elements[index]), Double(observed.elements[index]))
      let isHidden = hidden.elements[index % 20] == 1
      guard mask.elements[index % 20] == 1 else { continue }
      if isHidden {
        error += (x - y) * (x - y)
        count += 1
      } else {
        loss += (x - y) * (x - y)
      }
    }
    // Sums of sixty in single precision.
    #expect(abs(Double(solution.loss) - loss / 60) < 1e-6 * loss)
    #expect(abs((score ?? 0) - error / Double(count)) < 1e-6)
  }
}
