import Foundation
import PretrainedNets

/// A reader, and what is put around the bytes that are tried so that they get into its depths.
enum FuzzTarget: String, CaseIterable {
  /// Whole files.
  case safetensors, zip, legacy, caffemodel, onnx
  /// The header of a safetensors file.
  case header
  /// The pickle of a state dictionary.
  case pickle

  /// Reads all there is to read, and tells how it ended. A trap ends the process.
  @discardableResult
  func read(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    Self.file.truncateFile(atOffset: 0)
    Self.file.write(Data(prefix(bytes.count)) + Data(bytes) + Data(suffix))
    do throws(WeightFileError) {
      let file =
        self == .onnx ? try Classifier(onnxAt: Self.path).file : try WeightFile(at: Self.path)
      var count = 0
      for entry in file.entries.prefix(100) {
        let tensor = try file.tensors(at: [entry.path])[0]
        precondition(tensor.shape.extents == entry.extents)
        count += tensor.shape.count
      }
      return "\(file.entries.count) tensors, \(count) numbers"
    } catch {
      let text = error.description
      precondition(text.utf8.starts(with: "\(Self.path): ".utf8) && !text.contains { $0.isNewline })
      precondition(text.utf8.count < 4000)
      return String(text.dropFirst(Self.path.count + 2))
    }
  }

  private func prefix(_ count: Int) -> [UInt8] {
    switch self {
    case .safetensors, .zip, .legacy, .caffemodel, .onnx: []
    case .header: withUnsafeBytes(of: UInt64(count).littleEndian) { Array($0) }
    case .pickle:
      Self.magic + Array("\u{80}\u{2}M\u{e9}\u{3}.}.".unicodeScalars.map { UInt8($0.value) })
    }
  }

  private var suffix: [UInt8] {
    switch self {
    case .safetensors, .zip, .legacy, .caffemodel, .onnx: []
    case .header: [UInt8](repeating: 0, count: 64)
    // The list of one storage, and its four numbers.
    case .pickle:
      Array("](X\u{1}\0\0\00e.\u{4}\0\0\0\0\0\0\0".utf8) + [UInt8](repeating: 0x3f, count: 16)
    }
  }

  /// The pickle that a file of `torch.save` begins with.
  private static let magic: [UInt8] = [
    0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]

  /// The file that is written and read again and again, in memory where the system has a place for that.
  private static let path: String = {
    let memory = "/dev/shm"
    let folder = FileManager.default.fileExists(atPath: memory) ? memory : NSTemporaryDirectory()
    return "\(folder)/preimage-fuzz-\(ProcessInfo.processInfo.processIdentifier)"
  }()

  private static let file: FileHandle = {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    guard let file = FileHandle(forUpdatingAtPath: path) else {
      preconditionFailure("\(path) cannot be written")
    }
    // Removed at the end, however it comes.
    atexit { try? FileManager.default.removeItem(atPath: FuzzTarget.path) }
    return file
  }()
}
