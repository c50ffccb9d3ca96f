import Foundation

/// Where large arrays of numbers live.
package enum Memory {
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

  /// The most memory that this process has had, in bytes; `nil` where the system does not tell. (`getrusage`
  /// would count what its parent had when it started it.)
  package static var peak: Int? {
    number(in: "/proc/self/status") { line in
      line.hasPrefix("VmHWM:") ? line.split(whereSeparator: \.isWhitespace)[1] : nil
    }.map { $0 * 1024 }
  }

  /// The bytes that can be had without others being driven out, as the system and the group of processes
  /// have it; `nil` where they do not tell.
  static var available: Int? {
    let free = number(in: "/proc/meminfo") { line in
      line.hasPrefix("MemAvailable:") ? line.split(separator: " ")[1] : nil
    }.map { $0 * 1024 }
    let group = "/sys/fs/cgroup/memory"
    let limit = number(in: "\(group).max") { $0[...] }.flatMap { most in
      number(in: "\(group).current") { $0[...] }.map { max(0, most - $0) }
    }
    return [free, limit].compactMap { $0 }.min()
  }

  /// The number in the first line that has one; `nil` where there is no such file or line.
  private static func number(in path: String, _ part: (String) -> Substring?) -> Int? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") {
      if let number = part(String(line)).flatMap({ Int($0) }) { return number }
    }
    return nil
  }
}
