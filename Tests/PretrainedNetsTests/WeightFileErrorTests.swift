import Foundation
import PretrainedNets
import TestSupport
import Testing

@Suite("Errors of weight files")
struct WeightFileErrorTests {
  /// The text of the error that opening a file and reading the toy network's weights throws.
  private func error(at path: String) -> String {
    do {
      let file = try WeightFile(at: path)
      _ = try file.weights(of: ToyNetwork.layers, network: "the toy network")
      return "no error"
    } catch { return error.description }
  }

  @Test(
    "files that do not serve are told apart",
    arguments: [
      (
        "partial.h5",
        """
        holds conv1_1 of the toy network; fire2/squeeze1x1 is missing; give a complete file
        """
      ),
      (
        "wrong_shape.h5",
        """
        /data/conv1_1/0 has the shape [4, 2, 3, 3], the toy network needs [4, 3, 3, 3]; \
        give the weights of the toy network
        """
      ),
      (
        "not_finite.h5",
        "element 1 of /data/conv1_1/1 is not a finite number; fetch the file again"
      ),
      (
        "deep.h5",
        """
        /data/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a is refused: \
        more than 16 levels or 20000 objects
        """
      ),
      (
        "unknown.h5",
        """
        the names inside (such as /weights/layer) are neither Caffe's (/data/<layer>/0) nor \
        Keras's (/<layer>/…/kernel:0) nor PyTorch's (<layer>.weight); rename the tensors
        """
      ),
      (
        "no_tensors.h5",
        "there is no tensor of numbers in it; give a file of weights"
      ),
      (
        "cycle.h5",
        "/data/\(Array(repeating: "again", count: 14).joined(separator: "/"))/a/0 is refused: "
          + "more than 16 levels or 20000 objects"
      ),
      ("absent.h5", "there is no such file; check the path of the weights"),
      (
        "storage.h5",
        "holds no layer of the toy network; give the weights of the toy network"
      ),
    ])
  func unfit(name: String, text: String) {
    let path = ToyNetwork.path(name)
    #expect(error(at: path) == "\(path): \(text)")
  }

  @Test("folders and devices are refused")
  func notFiles() {
    let folder = Fixtures.path("weights")
    let text = "a folder or a device, not a file; give the path of a file of weights"
    #expect(error(at: folder) == "\(folder): \(text)")
    #expect(error(at: "/dev/null") == "/dev/null: \(text)")
  }

  @Test(
    "other formats are named",
    arguments: [
      ([UInt8]("PK\u{5}\u{6}".utf8), "a zip archive without entries"),
      ([0x80, 0x02, 0x8a, 0x0a], "a Python pickle, but none of torch.save"),
      (
        Array("sys_info".utf8) + [UInt8](repeating: 0, count: 249) + Array("ustar".utf8),
        "a tar archive (PyTorch before 0.1.10 wrote such; save it again in a later one)"
      ),
      ([0x93] + Array("NUMPY\u{1}".utf8), "a NumPy array"),
      (
        Array("version https://git-lfs.github.com/spec/v1\n".utf8),
        "a Git LFS pointer, the file itself was not fetched"
      ),
      (Array("\n<!DOCTYPE html><html>".utf8), "a web page, likely the error of a failed download"),
      (Array("conv1_1 0.25 0.5\n".utf8), "text"),
    ] as [([UInt8], String)])
  func formats(bytes: [UInt8], format: String) throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "net.h5").path
      try Data(bytes).write(to: URL(filePath: path))
      #expect(
        error(at: path) == """
          \(path): \(format), not a file of weights; \
          give HDF5 as Caffe or Keras writes it, .caffemodel, safetensors, \
          a state dictionary of PyTorch (.pth), or ONNX
          """)
    }
  }

  @Test("an empty file and bytes of no known format are refused")
  func unknownBytes() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "net.h5").path
      try Data().write(to: URL(filePath: path))
      #expect(error(at: path) == "\(path): the file is empty; fetch it again")
      try Data([0xfe, 0x01, 0x02]).write(to: URL(filePath: path))
      #expect(
        error(at: path) == """
          \(path): of no format that is known, not a file of weights; \
          give HDF5 as Caffe or Keras writes it, .caffemodel, safetensors, \
          a state dictionary of PyTorch (.pth), or ONNX
          """)
    }
  }

  @Test("a file cut anywhere is reported", arguments: ["caffe.h5", "keras_nested.h5", "types.h5"])
  func truncation(name: String) throws {
    let whole = try Data(contentsOf: URL(filePath: ToyNetwork.path(name)))
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "cut.h5").path
      for length in Array(1..<140) + Array(stride(from: 140, to: whole.count, by: 191)) {
        try whole.prefix(length).write(to: URL(filePath: path))
        let text = error(at: path)
        if length >= 64 {
          #expect(
            text == """
              \(path): cut short: \(length) bytes of \(whole.count) are there; fetch it again
              """)
        } else {
          #expect(text.hasPrefix("\(path): "))
        }
      }
    }
  }
}
