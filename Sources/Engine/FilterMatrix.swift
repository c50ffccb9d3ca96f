/// One axis of a separable linear map: each target is a weighted sum of a few sources.
package struct FilterMatrix: Sendable {
  package let sources: Int
  package let targets: Int
  /// How many sources a target is made of.
  package let taps: Int
  /// Which they are, `[targets, taps]`, each in 0 ..< sources.
  package let positions: [Int32]
  /// How much of each, `[targets, taps]`.
  package let weights: [Float]

  /// The matrix that shrinks a side through a filter, with replicated edges; its rows add to 1.
  ///
  /// - Precondition: there are sources and targets, and the factor is 1 or more.
  package init(from sources: Int, to targets: Int, factor: Double, filter: DownsamplingFilter) {
    precondition(sources > 0 && targets > 0 && factor >= 1)
    // Where the reach ends on a pixel, rounding must not decide on it.
    let reach = filter.reach(factor: factor) - 1e-9
    let rows = (0..<targets).map { target in
      let center = filter.center(of: target, factor: factor)
      let first = Int((center - reach).rounded(.down)) + 1
      let last = Int((center + reach).rounded(.up)) - 1
      let weights = (first...max(first, last)).map {
        filter.weight(at: Double($0) - center, factor: factor)
      }
      return (first, weights, sum: weights.reduce(0, +))
    }
    let taps = rows.map(\.1.count).max() ?? 0
    positions = rows.flatMap { first, _, _ in
      (first..<first + taps).map { Int32(min(max($0, 0), sources - 1)) }
    }
    self.weights = rows.flatMap { _, weights, sum in
      weights.map { Float($0 / sum) } + [Float](repeating: 0, count: taps - weights.count)
    }
    (self.sources, self.targets, self.taps) = (sources, targets, taps)
  }
}
