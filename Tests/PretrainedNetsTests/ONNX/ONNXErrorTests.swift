import Engine
import Foundation
import PretrainedNets
import TestSupport
import Testing

/// Damaged, hostile and unsupported models; see Tools/reference/onnx_hostile.py.
@Suite("Errors of ONNX models")
struct ONNXErrorTests {
  /// The text of the error that opening a model and computing with it throws.
  private func error(at path: String) -> String {
    do {
      let classifier = try Classifier(onnxAt: path)
      let side = classifier.architecture.inputSize
      _ = try classifier.features(
        of: Tensor([1, 3, side, side]), at: classifier.availableLayers,
        threads: ThreadPool(threads: 1))
      return "no error"
    } catch { return "\(error)" }
  }

  static let texts: [(String, String)] = [
    ("cycle", "node 'add' takes 'b', which nothing before it gives"),
    ("missing", "node 'add' takes 'nowhere', which nothing before it gives"),
    ("twice", "node 'relu' gives 'features', which there is already"),
    ("two_kernels", "damaged at kernel: two tensors have this name; fetch it again"),
    ("unsupported", "node 'sampler' is a GridSample, which is not supported"),
    ("foreign", "node 'fusedconv' is a com.microsoft.FusedConv, which is not supported"),
    ("nameless", "node 'y' is a Einsum, which is not supported"),
    (
      "no_input", "its graph is refused: it takes 0 inputs (), where a classifier takes one picture"
    ),
    (
      "two_inputs",
      "its graph is refused: it takes 2 inputs (x, z), where a classifier takes one picture"
    ),
    (
      "grey", "its graph is refused: it takes pictures of 1 channels, where pictures have 3"
    ),
    (
      "oblong",
      """
      its graph is refused: it takes pictures of 4×6 pixels, and only squares of up to 4096 are supported
      """
    ),
    (
      "huge_picture",
      """
      its graph is refused: it takes pictures of 1099511627776×1099511627776 pixels, and only squares \
      of up to 4096 are supported
      """
    ),
    (
      "negative_picture",
      """
      its graph is refused: it takes pictures of -4×-4 pixels, and only squares of up to 4096 are \
      supported
      """
    ),
    (
      "old",
      "version 6 of ONNX's operators is refused: only 7 to 24 are supported; export the network anew"
    ),
    (
      "future",
      "version 99 of ONNX's operators is refused: only 7 to 24 are supported; export the network anew"
    ),
    ("no_weights", "its graph is refused: no layer of it has weights"),
    ("no_output", "its graph is refused: no output of it depends on the picture"),
    (
      "doubling", "node 'concat22' (Concat) gives [1, 33554432, 4, 4], which is too large"
    ),
    (
      "huge_pads",
      """
      node 'conv' (Conv) has the pads [4611686018427387904, 4611686018427387904, 4611686018427387904, \
      4611686018427387904]; pictures need four numbers from 0 on
      """
    ),
    ("growing_pads", "node 'pad0' (Pad) gives [1, 4, 8196, 8196], which is too large"),
    (
      "many_groups",
      """
      node 'conv' (Conv) has kernels [4, 3, 1, 1] in 4611686018427387904 groups for an input of 3 \
      channels
      """
    ),
    (
      "no_stride", "node 'conv' (Conv) has the strides [0, 0]; pictures need two numbers from 1 on"
    ),
    (
      "dilated", "node 'conv' (Conv) has the dilations [2, 2], and only 1 is supported"
    ),
    (
      "strides", "node 'conv' (Conv) has the strides [1, 2], and only equal ones are supported"
    ),
    (
      "too_small",
      """
      node 'maxpool' (MaxPool) does not fit: maximum pooling: input [1, 4, 4, 4] is smaller than the \
      window 9×9
      """
    ),
    (
      "channels",
      "node 'second' (Conv) has kernels [4, 3, 1, 1] in 1 groups for an input of 4 channels"
    ),
    (
      "reshape",
      """
      node 'reshape' (Reshape) makes [2, 2, 4, 4] of [1, 4, 4, 4], and only one vector a picture is \
      supported
      """
    ),
    (
      "reshape_overflow",
      """
      node 'reshape' (Reshape) does not fit: [1, 4, 4, 4] to [-1, 4611686018427387904, \
      4611686018427387904]
      """
    ),
    (
      "zeros",
      """
      node 'constantofshape' (ConstantOfShape) gives [2147483648, 2147483648], which is negative or too \
      large
      """
    ),
    ("nan_scale", "node 'mul' (Mul) has a constant that is not finite, or divides by 0"),
    ("repeated", "node 'gather' (Gather) gives too many numbers"),
    ("joined", "node 'concat' (Concat) makes the graph's constants too large"),
    ("nan_attribute", "node 'leakyrelu' (LeakyRelu) has the alpha nan"),
    ("nested", "node 'if' is a If, which is not supported"),
    (
      "short_raw",
      "damaged at kernel: 44 bytes of numbers for the shape [4, 3, 1, 1] of float32; fetch it again"
    ),
    (
      "long_raw",
      "damaged at kernel: 52 bytes of numbers for the shape [4, 3, 1, 1] of float32; fetch it again"
    ),
    ("negative", "damaged at kernel: the shape [-4, 3, 1, 1] is none of a tensor; fetch it again"),
    (
      "overflow",
      """
      damaged at kernel: the shape [4611686018427387904, 4611686018427387904, 3, 4611686018427387904] \
      is none of a tensor; fetch it again
      """
    ),
    ("nan", "element 2 of kernel is not a finite number; fetch the file again"),
    (
      "few_floats",
      "damaged at kernel: 44 bytes of numbers for the shape [4, 3, 1, 1] of float32; fetch it again"
    ),
    ("text", "node 'conv' (Conv) computes its input 1, which must be a tensor of the file"),
    (
      "outside_up",
      """
      kernel is refused: its numbers are said to lie in '../nan.onnx', which is not in the model's folder
      """
    ),
    (
      "outside_root",
      """
      kernel is refused: its numbers are said to lie in '/etc/passwd', which is not in the model's folder
      """
    ),
    (
      "outside_nowhere",
      "kernel is refused: its numbers are said to lie in '', which is not in the model's folder"
    ),
    ("outside_length", "damaged at kernel: length 'many' is no number; fetch it again"),
    (
      "outside_short",
      "damaged at kernel: 44 bytes of numbers for the shape [4, 3, 1, 1] of float32; fetch it again"
    ),
  ]

  @Test("each is told in a line", arguments: texts)
  func hostile(name: String, text: String) {
    let path = Fixtures.path("onnx/hostile/\(name).onnx")
    #expect(error(at: path) == "\(path): \(text)")
  }

  @Test("numbers outside the folder are not read, not even through a link")
  func outside() throws {
    try withTemporaryFolder { folder in
      let inside = folder.appending(path: "model")
      try FileManager.default.createDirectory(at: inside, withIntermediateDirectories: true)
      for name in ["outside_link", "outside_absent", "outside_beyond", "nan"] {
        try FileManager.default.copyItem(
          atPath: Fixtures.path("onnx/hostile/\(name).onnx"),
          toPath: inside.appending(path: "\(name).onnx").path)
      }
      let numbers = Data(repeating: 0, count: 48)
      try numbers.write(to: folder.appending(path: "numbers"))
      let link = inside.appending(path: "link").path
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: folder.appending(path: "numbers").path)
      let path = inside.appending(path: "outside_link.onnx").path
      #expect(
        error(at: path) == """
          \(path): kernel is refused: its numbers are said to lie in 'link', which is not in the model's \
          folder
          """)
      // A link to a file of the folder is followed.
      try FileManager.default.removeItem(atPath: link)
      try numbers.write(to: inside.appending(path: "numbers"))
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: inside.appending(path: "numbers").path)
      #expect(error(at: path) == "no error")
      let absent = inside.appending(path: "outside_absent.onnx").path
      #expect(
        error(at: absent) == """
          \(inside.appending(path: "absent.data").path): there is no such file; check the path of the \
          weights
          """)
      let beyond = inside.appending(path: "outside_beyond.onnx").path
      let size = try Data(contentsOf: inside.appending(path: "nan.onnx")).count
      #expect(
        error(at: beyond) == """
          \(beyond): damaged at kernel: its 48 bytes from byte 9223372036854775808 on reach beyond the \
          \(size) of \(inside.appending(path: "nan.onnx").path); fetch it again
          """)
    }
  }

  @Test("a model cut anywhere, or with a byte changed, is told in a line or read, and never traps")
  func damage() throws {
    let whole = try Data(contentsOf: URL(filePath: Fixtures.path("onnx/gemm_scaled.onnx")))
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "cut.onnx").path
      for length in 1..<whole.count {
        try whole.prefix(length).write(to: URL(filePath: path))
        let text = error(at: path)
        #expect(text.hasPrefix("\(path): ") && !text.contains("\n"), "\(length): \(text)")
      }
      for position in whole.indices {
        for change: UInt8 in [0x01, 0x80, 0xff] {
          var changed = whole
          changed[position] ^= change
          try changed.write(to: URL(filePath: path))
          let text = error(at: path)
          #expect(
            text == "no error" || text.hasPrefix("\(path): ") || text.hasPrefix("cut "),
            "\(position): \(text)")
        }
      }
    }
  }
}
