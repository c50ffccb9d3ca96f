internal import CKernels
import Foundation

/// A filter with which a picture is shrunk.
public enum DownsamplingFilter: String, Sendable, Hashable, Codable, CaseIterable {
  /// Windowed sinc of support 2 about the middle of factor × factor pixels: 4·factor taps, one less
  /// where the factor is odd and the middle a pixel.
  case lanczos2
  /// Windowed sinc of support 3 about the middle of factor × factor pixels: 6·factor taps, one less
  /// where the factor is odd.
  case lanczos3
  /// Lanczos 2 on the pixels: 4·factor + 1 taps.
  case lanczos2Centred
  /// Lanczos 3 on the pixels: 6·factor + 1 taps.
  case lanczos3Centred
  /// Seven taps of a Gaussian of deviation 1 pixel, on the pixels.
  case gaussian
  /// Nine taps of a Gaussian of deviation √2 pixels, on the pixels.
  case wideGaussian
  /// The average of factor × factor pixels.
  case box

  /// The taps of one axis, with sum 1; the filter is the product of two.
  package func taps(factor: Int) -> [Float] {
    let taps: [Double]
    switch self {
    case .lanczos2: taps = lanczos(support: 2, count: 4 * factor - factor % 2, factor)
    case .lanczos3: taps = lanczos(support: 3, count: 6 * factor - factor % 2, factor)
    case .lanczos2Centred: taps = lanczos(support: 2, count: 4 * factor + 1, factor)
    case .lanczos3Centred: taps = lanczos(support: 3, count: 6 * factor + 1, factor)
    case .gaussian: taps = gaussian(count: 7, deviation: 1)
    case .wideGaussian: taps = gaussian(count: 9, deviation: 2.0.squareRoot())
    case .box: taps = [Double](repeating: 1, count: factor)
    }
    let sum = taps.reduce(0, +)
    return taps.map { Float($0 / sum) }
  }

  /// The rows and columns added at each edge so that an extent is divided by the factor.
  package func padding(factor: Int) -> Int {
    let count = taps(factor: factor).count
    switch self {
    case .lanczos2, .lanczos3, .box: return (count - factor) / 2
    case .lanczos2Centred, .lanczos3Centred, .gaussian, .wideGaussian: return (count - 1) / 2
    }
  }

  private func lanczos(support: Double, count: Int, _ factor: Int) -> [Double] {
    func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }
    return (0..<count).map { tap in
      let distance = (Double(tap) - Double(count - 1) / 2) / Double(factor)
      return sinc(distance) * sinc(distance / support)
    }
  }

  private func gaussian(count: Int, deviation: Double) -> [Double] {
    (0..<count).map { tap in
      let distance = (Double(tap) - Double(count - 1) / 2) / deviation
      return exp(-distance * distance / 2)
    }
  }
}

/// Shrinking of each channel by a whole factor through a fixed filter, with replicated edges: the
/// original's downsampler, computed a row and a column at a time.
package struct FixedDownsampling: Operation {
  package let factor: Int
  package let filter: DownsamplingFilter
  private let taps: [Float]
  private let padding: Int

  package init(factor: Int, filter: DownsamplingFilter) {
    self.factor = factor
    self.filter = filter
    taps = factor >= 1 ? filter.taps(factor: factor) : []
    padding = factor >= 1 ? filter.padding(factor: factor) : 0
  }

  package var name: String { "\(filter) downsampling" }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    func extent(_ side: Int) -> Int { (side + 2 * padding - taps.count) / factor + 1 }
    guard x.rank == 4, factor >= 1, min(x.height, x.width) + 2 * padding >= taps.count else {
      throw .shape(operation: name, problem: "cannot shrink \(x) by \(factor)")
    }
    return [x.batch, x.channels, extent(x.height), extent(x.width)]
  }

  package func scratchCount(for inputs: [Shape], threads: Int) -> Int {
    inputs[0].height * ((inputs[0].width + 2 * padding) / factor + 1) * threads
  }

  package func forward(_ pass: ForwardPass) {
    run(pass.inputs[0], pass.output, pass.scratch, pass.threads) { geometry, taps, x, y, scratch in
      pi_shrink(geometry, taps, x, y, scratch)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    run(dx, pass.outputGradient, pass.scratch, pass.threads) { geometry, taps, dx, dy, scratch in
      pi_shrink_adjoint(geometry, taps, dy, dx, scratch)
    }
  }

  private func run(
    _ large: View, _ small: View, _ scratch: UnsafeMutablePointer<Float>, _ threads: ThreadPool,
    _ body: (
      UnsafePointer<pi_shrinking>, UnsafePointer<Float>?, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    let (from, to) = (large.shape, small.shape)
    let geometry = pi_shrinking(
      height: Int32(from.height), width: Int32(from.width), out_height: Int32(to.height),
      out_width: Int32(to.width), factor: Int32(factor), padding: Int32(padding),
      taps: Int32(taps.count))
    let room = from.height * to.width
    taps.withUnsafeBufferPointer { taps in
      threads.forEach(from.batch * from.channels) { plane, thread in
        withUnsafePointer(to: geometry) {
          body(
            $0, taps.baseAddress, large.elements + plane * from.height * from.width,
            small.elements + plane * to.height * to.width, scratch + thread * room)
        }
      }
    }
  }

  package static let specimens: [Specimen] =
    DownsamplingFilter.allCases.map { filter in
      Specimen(FixedDownsampling(factor: 2, filter: filter), [[1, 2, 8, 10]])
    } + [
      Specimen(FixedDownsampling(factor: 4, filter: .lanczos2), [[2, 1, 8, 12]]),
      Specimen(FixedDownsampling(factor: 3, filter: .lanczos3), [[1, 1, 9, 7]]),
      Specimen(FixedDownsampling(factor: 3, filter: .box), [[1, 1, 7, 9]]),
    ]
}

extension Graph {
  /// Shrinks `[N, C, H, W]` to `[N, C, H / factor, W / factor]` through a filter.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where x is no picture of that size.
  public mutating func downsample(
    _ x: Node, factor: Int, filter: DownsamplingFilter
  ) throws(EngineError) -> Node {
    try apply(FixedDownsampling(factor: factor, filter: filter), to: [x])
  }
}
