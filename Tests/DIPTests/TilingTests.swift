import DIP
import Engine
import Foundation
import TestSupport
import Testing

/// Restorations in parts.
@Suite("Tiles and runs")
struct TilingTests {
  @Test(
    "tiles cover the picture, are of one size and share what they should",
    arguments: [(100, 70, 32, 4), (64, 64, 64, 8), (65, 20, 64, 8), (97, 33, 33, 16)])
  func grid(height: Int, width: Int, side: Int, overlap: Int) throws {
    let grid = TileGrid(height: height, width: width, side: side, overlap: overlap)
    for (extent, ranges) in [
      (height, Set(grid.tiles.map(\.rows))), (width, Set(grid.tiles.map(\.columns))),
    ] {
      let ranges = ranges.sorted { $0.lowerBound < $1.lowerBound }
      #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == extent)
      #expect(ranges.allSatisfy { $0.count == min(side, extent) })
      for (one, next) in zip(ranges, ranges.dropFirst()) {
        #expect(one.upperBound - next.lowerBound >= overlap)
      }
      // One fewer would not do.
      #expect((ranges.count - 1) * (side - overlap) < max(extent - overlap, 1))
    }
  }

  @Test("parts that agree show no seam; parts that differ go over into each other")
  func blending() {
    let grid = TileGrid(height: 40, width: 56, side: 24, overlap: 8)
    let picture = Tensor.hashed("tiling.whole", [1, 3, 40, 56], in: 0..<1)
    var agreeing = Mosaic(channels: 3, height: 40, width: 56)
    var differing = Mosaic(channels: 1, height: 40, width: 56)
    for (index, tile) in grid.tiles.enumerated() {
      agreeing.add(picture.cropped(to: tile), at: tile, overlap: grid.overlap)
      differing.add(
        Tensor([1, 1, 24, 24], repeating: Float(index % 2)), at: tile, overlap: grid.overlap)
    }
    let whole = agreeing.picture(elsewhere: Tensor(picture.shape))
    for (a, b) in zip(whole.elements, picture.elements) { #expect(abs(a - b) < 1e-6) }
    let mixed = differing.picture(elsewhere: Tensor([1, 1, 40, 56])).elements
    for row in 0..<40 {
      for column in 1..<56 {
        // A ramp of eight pixels steps by an eighth, and by twice that where two meet.
        #expect(abs(mixed[row * 56 + column] - mixed[row * 56 + column - 1]) < 0.26)
      }
    }
    #expect(mixed.max() == 1 && mixed.min() == 0)
  }

  @Test("where no part is yet another picture is shown")
  func incomplete() {
    var mosaic = Mosaic(channels: 1, height: 4, width: 6)
    mosaic.add(
      Tensor([1, 1, 4, 3], repeating: 1), at: Region(rows: 0..<4, columns: 0..<3), overlap: 1)
    let shown = mosaic.picture(elsewhere: Tensor([1, 1, 4, 6], repeating: 0.25)).elements
    #expect(shown == [Float](repeating: 0, count: 4).flatMap { _ in [1, 1, 1, 0.25, 0.25, 0.25] })
  }

  /// What a degradation makes of a picture, computed by a solver of raw pixels.
  private static func parts(
    _ degradation: Degradation,
    given: Tensor = .hashed("tiling.given", [1, 1, 48, 64], in: 0..<1)
  ) throws -> RestorationParts {
    let restoration = Restoration(
      observed: given, degradation: degradation,
      prior: PixelPrior(start: .uniform(0..<0.1)),
      plan: SolvePlan(iterations: 150, learningRate: 0.05))
    return try RestorationParts(
      restoration, side: 40 * degradation.wholeFactor, seed: 3)
  }

  private static let mask = Degradation.randomMask(
    hiding: 0.3, height: 48, width: 64, random: RandomSource(seed: 5))

  @Test(
    "what tiles make of a degraded picture, degraded, is that picture",
    arguments: [
      Degradation(), Degradation(.mask(mask)),
      Degradation(.downsampling(factor: 2, filter: .box), .mask(mask)),
    ])
  func degraded(degradation: Degradation) throws {
    let parts = try Self.parts(degradation)
    #expect(parts.grid.tiles.count == 4)
    let pool = try ThreadPool(threads: 2)
    let (height, width) = (48 * parts.factor, 64 * parts.factor)
    var mosaic = Mosaic(channels: 1, height: height, width: width)
    for part in parts {
      let solution = try part.restoration.solver(random: part.random, threads: pool).run()
      #expect(solution.loss < 1e-5)
      mosaic.add(solution.picture, at: part.region, overlap: parts.overlap)
    }
    let found = mosaic.picture(elsewhere: Tensor([1, 1, height, width]))
    let given = parts.restoration.observed
    for row in 0..<48 {
      for column in 0..<64 where !degradation.isMasked || Self.mask[0, 0, row, column] == 1 {
        var mean: Float = 0
        for y in 0..<parts.factor {
          for x in 0..<parts.factor {
            mean += found[0, 0, row * parts.factor + y, column * parts.factor + x]
          }
        }
        mean /= Float(parts.factor * parts.factor)
        // The solves end within a hundredth of the given values.
        #expect(abs(mean - given[0, 0, row, column]) < 0.03)
      }
    }
  }

  @Test("a blur reaches beyond each tile")
  func blurred() throws {
    // Nothing that a blur would have taken away.
    let smooth = Tensor(
      [1, 1, 48, 64], (0..<48 * 64).map { 0.5 + 0.4 * sin(Float($0 / 64 + $0 % 64) / 6) })
    let parts = try Self.parts(Degradation(.blur(try .gaussian(deviation: 1))), given: smooth)
    let pool = try ThreadPool(threads: 2)
    for part in parts {
      let solution = try part.restoration.solver(random: part.random, threads: pool).run()
      #expect(solution.picture.shape[2] == part.region.height)
      #expect(solution.loss < 1e-3)
    }
    #expect(parts.overlap > 40 / 8)
  }

  @Test("runs are those of the seeds that follow, and a single one is what it was")
  func runs() throws {
    var restoration = Restoration.denoising(
      Tensor.hashed("tiling.runs", [1, 1, 32, 32], in: 0..<1))
    restoration.prior = DecoderPrior(DeepDecoder(depth: 2, channels: 8))
    restoration.plan.iterations = 5
    let parts = try RestorationParts(restoration, side: nil, runs: 3, seed: 7)
    let pool = try ThreadPool(threads: 1)
    #expect(parts.count == 3)
    for (part, seed) in zip(parts, 7...) {
      let own = try part.restoration.solver(random: part.random, threads: pool).run()
      let alone = try restoration.solver(
        random: RandomSource(seed: UInt64(seed)), threads: pool
      ).run()
      #expect(own.picture == alone.picture)
    }
  }

  @Test("tiles do not go with a broken factor")
  func brokenFactor() throws {
    let restoration = try Restoration.superResolution(of: Tensor([1, 1, 32, 32]), factor: 2.5)
    #expect(throws: RestorationError.brokenFactor(2.5)) {
      try RestorationParts(restoration, side: 64, seed: 0)
    }
    #expect(try RestorationParts(restoration, side: nil, seed: 0)[0].region.height == 80)
  }

  @Test("the memory of a solver is known before it is made, and tiles fit into what is given")
  func memory() throws {
    let restoration = Restoration.denoising(Tensor([1, 3, 200, 150]))
    let whole = try restoration.memoryBytes(threads: 2)
    let pool = try ThreadPool(threads: 2)
    let solver = try restoration.solver(random: RandomSource(seed: 1), threads: pool)
    #expect(whole == solver.memoryBytes)
    let side = try #require(
      try RestorationParts.side(for: restoration, bytes: whole / 2, threads: 2))
    let fitting = try RestorationParts(restoration, side: side, seed: 0)
    #expect(try fitting[0].restoration.memoryBytes(threads: 2) <= whole / 2)
    let larger = try RestorationParts(restoration, side: side + 32, seed: 0)
    #expect(try larger[0].restoration.memoryBytes(threads: 2) > whole / 2)
    #expect(try RestorationParts.side(for: restoration, bytes: 1000, threads: 2) == nil)
  }
}

extension Degradation {
  fileprivate var isMasked: Bool {
    steps.contains { if case .mask = $0 { true } else { false } }
  }
}
