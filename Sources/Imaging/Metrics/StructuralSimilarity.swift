public import Engine
internal import Foundation

/// The mean structural similarity of two pictures `[N, C, H, W]` with values in 0 ... 1; 1 where they
/// are equal.
///
/// After Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
/// structural similarity", 2004: windows of 11 × 11 weighted by a Gaussian of σ = 1.5, K1 = 0.01 and
/// K2 = 0.03, averaged over the positions where the window lies inside the picture and over the
/// channels. This is scikit-image's `structural_similarity` with `gaussian_weights=True`,
/// `sigma=1.5`, `use_sample_covariance=False` and `data_range=1`.
///
/// In pictures with a side below 11 the window is as large as the largest odd number that fits, with
/// the same σ; figures of such pictures compare with one another alone.
/// - Precondition: the shapes are equal and of rank 4.
public func ssim(_ a: Tensor, _ b: Tensor) -> Double {
  precondition(a.shape == b.shape, "cannot compare \(a.shape) with \(b.shape)")
  precondition(a.shape.rank == 4, "a picture is [N, C, H, W], not \(a.shape)")
  var sum = 0.0
  var window = SimilarityWindow(height: a.shape[2], width: a.shape[3])
  let plane = a.shape[2] * a.shape[3]
  a.withSpan { a in
    b.withSpan { b in
      for start in stride(from: 0, to: a.count, by: plane) {
        sum += window.mean(a.extracting(start..<start + plane), b.extracting(start..<start + plane))
      }
    }
  }
  return sum / Double(a.shape.count / plane)
}

/// The sliding Gaussian window over two planes: rows are weighted horizontally as they come, and the
/// last of them, as many as the window is high, are kept to be weighted vertically.
private struct SimilarityWindow {
  private let height: Int
  private let width: Int
  private let weights: [Double]
  /// The window's positions in a row.
  private let positions: Int
  /// For each row of the window and each position, the five moments: a, b, aa, bb, ab.
  private var rows: [[Double]]

  private static let moments = 5

  init(height: Int, width: Int) {
    let smaller = min(11, height, width)
    let side = smaller - (smaller + 1) % 2
    let bell = (0..<side).map { exp(-0.5 * pow(Double($0 - side / 2) / 1.5, 2)) }
    let total = bell.reduce(0, +)
    weights = bell.map { $0 / total }
    (self.height, self.width) = (height, width)
    positions = width - side + 1
    rows = Array(repeating: Array(repeating: 0, count: Self.moments * positions), count: side)
  }

  /// The mean similarity over all positions.
  mutating func mean(_ a: Span<Float>, _ b: Span<Float>) -> Double {
    var sum = 0.0
    for y in 0..<height {
      weightRow(y, a, b)
      if y >= weights.count - 1 { sum += similarity(lastRow: y) }
    }
    return sum / Double(positions * (height - weights.count + 1))
  }

  private mutating func weightRow(_ y: Int, _ a: Span<Float>, _ b: Span<Float>) {
    let slot = y % weights.count
    for x in 0..<positions {
      var (sumA, sumB, sumAA, sumBB, sumAB) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for (offset, weight) in weights.enumerated() {
        let (valueA, valueB) = (
          Double(a[y * width + x + offset]), Double(b[y * width + x + offset])
        )
        let (weightedA, weightedB) = (weight * valueA, weight * valueB)
        sumA += weightedA
        sumB += weightedB
        sumAA += weightedA * valueA
        sumBB += weightedB * valueB
        sumAB += weightedA * valueB
      }
      let base = Self.moments * x
      rows[slot][base] = sumA
      rows[slot][base + 1] = sumB
      rows[slot][base + 2] = sumAA
      rows[slot][base + 3] = sumBB
      rows[slot][base + 4] = sumAB
    }
  }

  /// The sum of the similarities in the windows that end with this row.
  private func similarity(lastRow: Int) -> Double {
    var means = [Double](repeating: 0, count: Self.moments * positions)
    for (offset, weight) in weights.enumerated() {
      let row = rows[(lastRow + 1 + offset) % weights.count]
      for index in means.indices { means[index] += weight * row[index] }
    }
    let (c1, c2) = (0.01 * 0.01, 0.03 * 0.03)
    var sum = 0.0
    for base in stride(from: 0, to: means.count, by: Self.moments) {
      let (a, b) = (means[base], means[base + 1])
      let varianceA = means[base + 2] - a * a
      let varianceB = means[base + 3] - b * b
      let covariance = means[base + 4] - a * b
      sum +=
        (2 * a * b + c1) * (2 * covariance + c2)
        / ((a * a + b * b + c1) * (varianceA + varianceB + c2))
    }
    return sum
  }
}
