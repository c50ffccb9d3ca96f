internal import CKernels

extension Tensor {
  /// Writes lines of `height` numbers of this tensor, which begin at `lines`, as columns of `target`, whose
  /// rows are `stride` numbers long: the first line from the number `place` on downwards, the others to
  /// its right.
  ///
  /// - Precondition: the lines lie in the tensor, and the columns in `target`.
  package func writeColumns(
    _ lines: [Int], height: Int, to target: UnsafeMutableBufferPointer<Float>, at place: Int,
    stride rowLength: Int
  ) {
    guard let first = lines.min(), let last = lines.max(), height > 0 else { return }
    precondition(first >= 0 && last + height <= shape.count)
    precondition(
      place >= 0 && lines.count <= rowLength
        && place + (height - 1) * rowLength + lines.count <= target.count)
    withUnsafeElements { source in
      lines.withUnsafeBufferPointer { lines in
        guard let from = source.baseAddress, let to = target.baseAddress,
          let all = lines.baseAddress
        else { return }
        // As many lines at a time as stay in the caches from one group of their numbers to the next.
        let side = 64
        for start in stride(from: 0, to: lines.count, by: side) {
          pi_transpose_band(
            from, all + start, min(side, lines.count - start), height, to + place + start,
            rowLength)
        }
      }
    }
  }
}
