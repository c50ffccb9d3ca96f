internal import CKernels

/// Passes over all numbers of a buffer, cut into pieces that fit the second-level cache.
enum Elementwise {
  static let grain = 1 << 14

  /// target += source.
  static func add(_ source: View, to target: View, _ threads: ThreadPool) {
    threads.forEachRange(of: target.count, grain: grain) { range in
      pi_add_to(
        source.elements + range.lowerBound, target.elements + range.lowerBound, range.count)
    }
  }

  /// Calls `body` with pieces of `0 ..< count`.
  static func forEachPiece(_ count: Int, _ threads: ThreadPool, _ body: (Range<Int>) -> Void) {
    threads.forEachRange(of: count, grain: grain, body)
  }
}
