internal import COpenBLAS
import Engine

/// What the machine can do at most without cleverness: products of 1024×1024 matrices by OpenBLAS, one
/// a thread.
struct MatrixProductWorkload: Workload {
  var name: String { "sgemm" }

  private static let side = 1024

  /// Products side by side, each by one thread, or one after the other, each by all threads: which is
  /// faster depends on the machine, and the faster one is the peak.
  func serve(on threads: ThreadPool) throws {
    let count = threads.threads
    let size = Self.side * Self.side
    var random = RandomSource(seed: 0)
    let factor = random.uniform([Self.side, Self.side], in: -1..<1)
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: 3 * size * count)
    defer { memory.deallocate() }
    for matrix in 0..<3 * count {
      factor.withSpan { source in
        for index in source.indices { memory[matrix * size + index] = source[index] }
      }
    }
    func multiply(_ index: Int) {
      let (n, a) = (Int32(Self.side), memory + 3 * size * index)
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a, n, a + size, n, 0, a + 2 * size,
        n)
    }
    func sideBySide() { threads.forEach(count) { multiply($0) } }
    func inTurn() { for index in 0..<count { multiply(index) } }

    openblas_set_num_threads(1)
    let apart = seconds(of: sideBySide)
    openblas_set_num_threads(Int32(count))
    let together = seconds(of: inTurn)
    if apart < together { openblas_set_num_threads(1) }
    let flops = 2 * Double(Self.side * Self.side * Self.side * count)
    var session = WorkerSession(gflop: flops / 1e9)
    while try session.wantsAnother() {
      if apart < together { sideBySide() } else { inTurn() }
    }
  }

  private func seconds(of body: () -> Void) -> Duration {
    body()
    return ContinuousClock().measure { for _ in 0..<4 { body() } }
  }
}
