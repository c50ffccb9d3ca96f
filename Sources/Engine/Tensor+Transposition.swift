internal import CKernels
import Dispatch

extension Tensor {
  /// Writes lines of `height` numbers of this tensor, which begin at `lines`, as columns of `target`, whose
  /// rows are `stride` numbers long: the first line from the number `place` on downwards, the others to
  /// its right.
  ///
  /// - Precondition: the lines lie in the tensor, and the columns in `target`.
  package func writeColumns(
    _ lines: [Int], height: Int, to target: UnsafeMutableBufferPointer<Float>, at place: Int,
    stride: Int
  ) {
    guard let first = lines.min(), let last = lines.max(), height > 0 else { return }
    precondition(first >= 0 && last + height <= shape.count)
    precondition(
      place >= 0 && lines.count <= stride
        && place + (height - 1) * stride + lines.count <= target.count)
    withUnsafeElements { source in
      lines.withUnsafeBufferPointer { lines in
        guard let from = source.baseAddress, let to = target.baseAddress,
          let all = lines.baseAddress
        else { return }
        // Bands write to places of their own, and all have ended before this returns.
        nonisolated(unsafe) let (source, target, line) = (from, to + place, all)
        let (count, side) = (lines.count, 16)
        DispatchQueue.concurrentPerform(iterations: (count + side - 1) / side) { band in
          let start = band * side
          pi_transpose_band(
            source, line + start, min(side, count - start), height, target + start, stride)
        }
      }
    }
  }
}
