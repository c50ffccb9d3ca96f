internal import CKernels

/// The threads that a program's operations share.
///
/// Work is divided into numbered pieces whose results depend on the number alone, so that a
/// computation has the same bytes whatever the number of threads.
public final class ThreadPool: @unchecked Sendable {
  // Sound because the pool is created once and `run` is called by one program at a time.
  private let pool: OpaquePointer

  /// Starts a pool.
  ///
  /// - Parameter threads: at least 1; the calling thread counts as one.
  /// - Throws: ``EngineError/threadsUnavailable(_:)`` where the system does not give them.
  public init(threads: Int) throws(EngineError) {
    guard threads >= 1, threads <= 1024, let pool = pi_pool_create(Int32(threads)) else {
      throw .threadsUnavailable(threads)
    }
    pi_blas_prepare()
    self.pool = pool
  }

  deinit { pi_pool_destroy(pool) }

  /// The number of threads, the caller's included.
  public var threads: Int { Int(pi_pool_threads(pool)) }

  /// Calls `body` with 0, 1, …, `count - 1`, spread over the threads, and waits for all.
  package func forEach(_ count: Int, _ body: (Int) -> Void) {
    forEach(count) { index, _ in body(index) }
  }

  /// As ``forEach(_:_:)-(_,(Int)->Void)``, telling the thread too (from 0): each has scratch memory
  /// of its own.
  package func forEach(_ count: Int, _ body: (_ index: Int, _ thread: Int) -> Void) {
    runClosure(pool, count, body)
  }

  /// Cuts `0 ..< count` into ranges of `grain` (the last may be shorter) and calls `body` with
  /// each.
  package func forEachRange(of count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    let pieces = (count + grain - 1) / grain
    forEach(pieces) { piece in
      body(piece * grain..<min(count, (piece + 1) * grain))
    }
  }
}

/// `pi_pool_run` of pool.c, declared here because headers for Swift know no closures. C is given the
/// closure as it is, its code and the place of its captures on the stack; every other way copies it
/// to the heap, some hundreds of times an iteration.
@_silgen_name("pi_pool_run")
private func runClosure(_ pool: OpaquePointer, _ count: Int, _ body: (Int, Int) -> Void)
