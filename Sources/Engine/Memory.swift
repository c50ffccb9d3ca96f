import Foundation

/// Where large arrays of numbers live.
enum Memory {
  /// Memory of no particular content, aligned to 64 bytes, to be given back by `free`; `nil` where the system
  /// has none left.
  ///
  /// Large memory is on huge pages where the system has them: it is there sooner, and is walked through in
  /// any order without waiting for addresses.
  static func allocate(_ count: Int, hugeFrom: Int = 1 << 21) -> UnsafeMutablePointer<Float>? {
    let bytes = max(count, 16) * MemoryLayout<Float>.stride
    let isHuge = bytes >= hugeFrom
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, isHuge ? 1 << 21 : 64, bytes) == 0, let memory else { return nil }
    #if os(Linux)
      if isHuge { madvise(memory, bytes, MADV_HUGEPAGE) }
    #endif
    return memory.bindMemory(to: Float.self, capacity: max(count, 16))
  }
}
