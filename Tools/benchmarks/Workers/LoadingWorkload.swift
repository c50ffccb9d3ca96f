import Engine
import Foundation
import PretrainedNets

/// Loading all weights of a network from a file, or reading the file's bytes and nothing more.
///
/// The driver makes the file, so that what that takes of memory is not counted.
struct LoadingWorkload: Workload {
  var kind: Kind
  var network: Architecture
  var path: String

  enum Kind: String { case loading, reading }

  var name: String { "\(kind) \(network.name) \(path)" }

  init(_ kind: Kind, _ network: Architecture, path: String) {
    (self.kind, self.network, self.path) = (kind, network, path)
  }

  /// The workload of this name; `nil` where it is of another sort.
  init?(named name: String) {
    let words = name.split(separator: " ", maxSplits: 2).map(String.init)
    guard words.count == 3, let kind = Kind(rawValue: words[0]),
      let network = try? Architecture.named(words[1])
    else { return nil }
    self.init(kind, network, path: words[2])
  }

  func serve(on threads: ThreadPool) throws {
    var session = WorkerSession(gflop: nil)
    while try session.wantsAnother() {
      switch kind {
      case .loading:
        _ = try WeightFile(at: path).weights(of: network.weightedLayers, network: network.name)
      case .reading: try read()
      }
    }
  }

  /// Reads the file into one buffer, new each time as that of a tensor is.
  private func read() throws {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    defer { try? file.close() }
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Int(try file.seekToEnd()), alignment: 64)
    defer { buffer.deallocate() }
    var done = 0
    while done < buffer.count {
      let count = pread(
        file.fileDescriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done,
        off_t(done))
      guard count > 0 else { throw BenchError.weights(path) }
      done += count
    }
  }
}
