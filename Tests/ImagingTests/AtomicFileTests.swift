import Engine
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("Files that appear whole or not at all")
struct AtomicFileTests {
  private let text = Data("new".utf8)

  /// What writing to a path, and checking it beforehand, end in; the two must agree.
  private func error(_ path: String) -> OutputError? {
    func run(_ body: () throws(OutputError) -> Void) -> OutputError? {
      do throws(OutputError) {
        try body()
        return nil
      } catch { return error }
    }
    let preflight = run { () throws(OutputError) in try AtomicFile.preflight(path: path) }
    let writing = run { () throws(OutputError) in try AtomicFile.write(text, to: path) }
    #expect(preflight == writing)
    return writing
  }

  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test("a file is made, with nothing else beside it")
  func made() throws {
    try withTemporaryFolder { folder throws in
      let file = folder.appending(path: "new.txt")
      #expect(error(file.path) == nil)
      #expect(try Data(contentsOf: file) == text)
      #expect(try names(in: folder) == ["new.txt"])
    }
  }

  @Test("a file is replaced and keeps its permissions", arguments: [0o600, 0o664, 0o755])
  func replaced(permissions: Int) throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "old.txt")
      try Data("old and longer".utf8).write(to: file)
      let manager = FileManager.default
      try manager.setAttributes([.posixPermissions: permissions], ofItemAtPath: file.path)
      #expect(error(file.path) == nil)
      #expect(try Data(contentsOf: file) == text)
      let attributes = try manager.attributesOfItem(atPath: file.path)
      #expect(attributes[.posixPermissions] as? Int == permissions)
    }
  }

  @Test("a link stays and what it points to is replaced, or made")
  func links() throws {
    try withTemporaryFolder { folder in
      let manager = FileManager.default
      let inner = folder.appending(path: "inner")
      try manager.createDirectory(at: inner, withIntermediateDirectories: false)
      let link = folder.appending(path: "link")
      try manager.createSymbolicLink(
        atPath: link.path, withDestinationPath: "inner/target.txt")
      for _ in 0..<2 {
        #expect(error(link.path) == nil)
        #expect(try Data(contentsOf: inner.appending(path: "target.txt")) == text)
        #expect(try manager.destinationOfSymbolicLink(atPath: link.path) == "inner/target.txt")
      }
      let loop = folder.appending(path: "loop").path
      try manager.createSymbolicLink(atPath: loop, withDestinationPath: "loop")
      #expect(error(loop) == .linkLoop(file: loop))
    }
  }

  @Test("what cannot be a file is refused")
  func refused() throws {
    try withTemporaryFolder { folder in
      let path = folder.path
      #expect(error(path) == .isFolder(file: path))
      #expect(error(path + "/") == .isFolder(file: path + "/"))
      #expect(error("") == .isFolder(file: ""))
      #expect(error("/dev/full") == .notRegular(file: "/dev/full"))
      let pipe = Pipe()
      let end = "/proc/self/fd/\(pipe.fileHandleForWriting.fileDescriptor)"
      #expect(error(end) == .notRegular(file: end))
      let absent = path + "/absent/file.txt"
      #expect(error(absent) == .noFolder(file: absent, folder: path + "/absent"))
      try text.write(to: folder.appending(path: "plain"))
      #expect(
        error(path + "/plain/file.txt")
          == .noFolder(file: path + "/plain/file.txt", folder: path + "/plain"))
      #expect(try names(in: folder) == ["plain"])
    }
  }

  @Test(
    "a write-protected file is not replaced",
    .enabled(if: geteuid() != 0, "the superuser may write everything"))
  func protected() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "old.txt")
      try Data("old".utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: file.path)
      #expect(error(file.path) == .protected(file: file.path))
      #expect(try Data(contentsOf: file) == Data("old".utf8))
    }
  }

  @Test("where the system makes no files, the folder is named")
  func noFilesHere() throws {
    guard case .folderNotWritable("/proc/file.png", "/proc", _)? = error("/proc/file.png") else {
      Issue.record("/proc let a file be made: \(String(describing: error("/proc/file.png")))")
      return
    }
  }

  @Test("a failure on the way leaves what was there, and nothing beside it")
  func failure() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "old.txt")
      try Data("old".utf8).write(to: file)
      // Files of this process may not grow beyond 32 MiB for the time of one writing.
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      var small = rlimit(rlim_cur: 32 << 20, rlim_max: limit.rlim_max)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &small)
      defer { setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) }
      #expect(throws: OutputError.failed(file: file.path, reason: "File too large")) {
        try AtomicFile.write(Data(count: 33 << 20), to: file.path)
      }
      #expect(try Data(contentsOf: file) == Data("old".utf8))
      #expect(try names(in: folder) == ["old.txt"])
    }
  }

  @Test("a picture is written the same way")
  func picture() throws {
    try withTemporaryFolder { folder throws in
      let picture = Picture(colour: Tensor([1, 1, 2, 2]))
      #expect(throws: OutputError.isFolder(file: folder.path)) {
        try picture.write(to: folder.path)
      }
      #expect(try names(in: folder) == [])
    }
  }

  @Test("checking beforehand touches nothing that exists")
  func preflight() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "old.txt")
      try Data("old".utf8).write(to: file)
      let before = try FileManager.default.attributesOfItem(atPath: file.path)
      try AtomicFile.preflight(path: file.path)
      try AtomicFile.preflight(path: folder.appending(path: "other.txt").path)
      let after = try FileManager.default.attributesOfItem(atPath: file.path)
      #expect(before[.modificationDate] as? Date == after[.modificationDate] as? Date)
      #expect(before[.systemFileNumber] as? Int == after[.systemFileNumber] as? Int)
      #expect(try names(in: folder) == ["old.txt"])
    }
  }
}
