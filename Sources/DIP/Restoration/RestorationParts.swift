import Engine

/// The solves that a restoration is made of: a large picture tile by tile, all of it several times from
/// other noise.
///
/// The mean of what independent runs find is nearer to the truth than any of them (Ulyanov, Vedaldi and
/// Lempitsky, CVPR 2018, average two).
public struct RestorationParts: Sendable, RandomAccessCollection {
  /// One solve and its place in the whole.
  public struct Part: Sendable {
    public var restoration: Restoration
    public let random: RandomSource
    /// Where in the restored picture its result lies.
    public let region: Region
  }

  public let restoration: Restoration
  /// The tiles, in the given picture's pixels.
  public let grid: TileGrid
  /// How many times larger than the given picture the restored one is.
  public let factor: Int
  public let seed: UInt64
  /// How many times the whole is restored.
  public let runs: Int

  /// Divides into tiles of at most `side` pixels of the restored picture, where one is given, and restores
  /// the whole `runs` times: run r is that of the seed `seed + r`.
  ///
  /// - Throws: ``RestorationError`` where tiles do not go with the degradation.
  public init(
    _ restoration: Restoration, side: Int?, runs: Int = 1, seed: UInt64
  ) throws(RestorationError) {
    let (height, width) = (restoration.observed.shape[2], restoration.observed.shape[3])
    if let side {
      factor = try restoration.degradation.wholeFactor
      let own = Swift.max(side / factor, Restoration.smallestSide)
      grid = TileGrid(
        height: height, width: width, side: own,
        overlap: Swift.min(own / 8 + restoration.degradation.reach, (own - 1) / 2))
    } else {
      factor = 1
      grid = TileGrid(height: height, width: width, side: Swift.max(height, width), overlap: 0)
    }
    (self.restoration, self.runs, self.seed) = (restoration, Swift.max(runs, 1), seed)
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { runs * grid.tiles.count }

  /// Run after run, each tile after tile.
  public subscript(index: Int) -> Part {
    let (run, tile) = index.quotientAndRemainder(dividingBy: grid.tiles.count)
    let random = RandomSource(seed: seed &+ UInt64(run))
    guard grid.tiles.count > 1 else {
      let view = restoration.degradation.view(
        height: restoration.observed.shape[2], width: restoration.observed.shape[3])
      return Part(
        restoration: restoration, random: random,
        region: Region(height: view.picture.height, width: view.picture.width))
    }
    let region = grid.tiles[tile]
    return Part(
      restoration: restoration.cropped(to: region), random: random.member(1 << 34 + UInt64(tile)),
      region: region.scaled(by: factor))
  }

  /// How many pixels of the restored picture neighbours share at least.
  public var overlap: Int { grid.overlap * factor }

  /// The largest side of tiles, a multiple of 32, whose search takes at most so many bytes; `nil` where not
  /// even the smallest does.
  ///
  /// - Throws: as ``Restoration/memoryBytes(threads:)``.
  public static func side(
    for restoration: Restoration, bytes: Int, threads: Int
  ) throws -> Int? {
    let factor = try restoration.degradation.wholeFactor
    let longest = Swift.max(restoration.observed.shape[2], restoration.observed.shape[3]) * factor
    // In steps of 32 pixels; what is tried grows with the side.
    var (fits, tooLarge) = (0, (longest + 31) / 32 + 1)
    while tooLarge - fits > 1 {
      let middle = (fits + tooLarge) / 2
      let parts = try RestorationParts(restoration, side: 32 * middle, seed: 0)
      if try parts[0].restoration.memoryBytes(threads: threads) <= bytes {
        fits = middle
      } else {
        tooLarge = middle
      }
    }
    return fits > 0 ? 32 * fits : nil
  }
}

extension Restoration {
  /// The restoration of a part of the given picture.
  ///
  /// - Precondition: the region lies in the given picture, and ``Degradation/wholeFactor`` is one.
  func cropped(to region: Region) -> Restoration {
    var part = self
    part.observed = observed.cropped(to: region)
    part.degradation = degradation.cropped(to: region)
    part.prior = prior.cropped(to: region)
    return part
  }
}

extension Degradation {
  /// How many times larger than the given picture the wanted one is.
  ///
  /// - Throws: ``RestorationError/brokenFactor(_:)``.
  public var wholeFactor: Int {
    get throws(RestorationError) {
      var product = 1
      for case .downsampling(let factor, _) in steps {
        guard let whole = Int(exactly: factor) else { throw .brokenFactor(factor) }
        product *= whole
      }
      return product
    }
  }

  /// How many pixels of the given picture a kernel's edge is away from its middle, at most.
  var reach: Int {
    steps.reduce(0) { reach, step in
      if case .blur(let kernel) = step {
        return reach + Swift.max(kernel.height, kernel.width) / 2
      }
      return reach
    }
  }

  /// What happened to a part of the given picture.
  func cropped(to region: Region) -> Degradation {
    var part = self
    // Where in the picture after each step the part lies, from the last one back.
    var region = region
    for index in steps.indices.reversed() {
      switch steps[index] {
      case .mask(let mask): part.steps[index] = .mask(mask.cropped(to: region))
      case .downsampling(let factor, _): region = region.scaled(by: Int(factor))
      case .blur(let kernel):
        region = Region(
          rows: region.rows.lowerBound..<region.rows.upperBound + kernel.height - 1,
          columns: region.columns.lowerBound..<region.columns.upperBound + kernel.width - 1)
      }
    }
    return part
  }
}
