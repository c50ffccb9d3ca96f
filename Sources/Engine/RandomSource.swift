internal import CKernels

/// A seeded source of random tensors: the same seed gives the same numbers, on any machine and any
/// number of threads.
///
/// Each request draws from a stream of its own, split off the source; the source itself is a value.
public struct RandomSource: Sendable, Hashable, Codable {
  /// The seed that the source was made with.
  public let seed: UInt64
  /// How many streams have been drawn.
  package private(set) var drawn: UInt64 = 0

  public init(seed: UInt64) { self.seed = seed }

  /// The seed of the next independent stream.
  public mutating func nextStream() -> UInt64 {
    drawn += 1
    var z = (seed &+ 0x5851_F42D_4C95_7F2D) ^ (drawn &* 0xD134_2543_DE82_EF95)
    z = (z ^ (z >> 32)) &* 0xD6E8_FEB8_6659_FD93
    z = (z ^ (z >> 32)) &* 0xD6E8_FEB8_6659_FD93
    return z ^ (z >> 32)
  }

  /// The source of one member of a numbered family: a function of the seed and the number alone, so
  /// that members can be made in any order.
  public func member(_ number: UInt64) -> RandomSource {
    var source = self
    source.drawn = number
    return RandomSource(seed: source.nextStream())
  }

  /// A tensor of independent numbers, uniform in `range` (half open).
  public mutating func uniform(_ shape: Shape, in range: Range<Float>) -> Tensor {
    let stream = nextStream()
    var tensor = Tensor(shape)
    tensor.withUnsafeMutableElements { elements in
      pi_random_uniform(
        stream, 0, range.lowerBound, range.upperBound, elements.baseAddress, elements.count)
    }
    return tensor
  }

  /// A tensor of independent normal numbers with the given standard deviation.
  public mutating func normal(
    _ shape: Shape, mean: Float = 0, standardDeviation: Float = 1
  ) -> Tensor {
    let stream = nextStream()
    var tensor = Tensor(shape, repeating: mean)
    tensor.withUnsafeMutableElements { elements in
      pi_random_normal(
        stream, 0, standardDeviation, elements.baseAddress, elements.baseAddress, elements.count)
    }
    return tensor
  }

  /// Fills a buffer with `base` plus normal numbers of the given standard deviation, on all threads.
  package mutating func fill(
    _ target: UnsafeMutableBufferPointer<Float>, adding base: Tensor, standardDeviation: Float,
    _ threads: ThreadPool
  ) {
    let stream = nextStream()
    base.withUnsafeElements { base in
      guard let base = base.baseAddress, let start = target.baseAddress else { return }
      threads.forEachRange(of: target.count, grain: 1 << 14) { range in
        pi_random_normal(
          stream, UInt64(range.lowerBound), standardDeviation, base + range.lowerBound,
          start + range.lowerBound, range.count)
      }
    }
  }

  /// A number, uniform in `range` (half open).
  public mutating func number(in range: Range<Float>) -> Float {
    // The 24 highest bits, as elements of tensors have them.
    let unit = Float(nextStream() >> 40) * 0x1p-24
    return range.lowerBound + (range.upperBound - range.lowerBound) * unit
  }

  /// A whole number, uniform in `range`.
  public mutating func integer(in range: ClosedRange<Int>) -> Int {
    let width = UInt64(range.upperBound - range.lowerBound) + 1
    return range.lowerBound + Int(nextStream().multipliedFullWidth(by: width).high)
  }
}
