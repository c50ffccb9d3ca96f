import Foundation

#if FUZZING
  private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
      preconditionFailure("FUZZ_TARGET is '\(name)', which is none of \(FuzzTarget.allCases)")
    }
    return target
  }()

  /// What libFuzzer calls, which the sanitizer links together with its loop.
  @_cdecl("LLVMFuzzerTestOneInput")
  public func readOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.read(UnsafeBufferPointer(start: bytes, count: count))
    return 0
  }
#else
  /// Reads inputs that libFuzzer once found, and tells how each ends.
  @main
  enum Fuzz {
    static func main() throws {
      let arguments = CommandLine.arguments
      guard arguments.count > 2, let target = FuzzTarget(rawValue: arguments[1]) else {
        let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")
        print("usage: fuzz \(names) FILE…")
        exit(64)
      }
      for path in arguments.dropFirst(2) {
        let bytes = try Data(contentsOf: URL(filePath: path))
        let outcome = bytes.withUnsafeBytes { target.read($0.bindMemory(to: UInt8.self)) }
        print("\(path): \(outcome)")
      }
    }
  }
#endif
