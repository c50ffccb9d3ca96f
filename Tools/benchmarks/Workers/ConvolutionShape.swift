import Engine

/// A convolution of the hourglasses on a square picture.
struct ConvolutionShape: Sendable {
  var name: String
  var inputs = 128
  var outputs = 128
  var kernel = 3
  var stride = 1
  /// The side of its input, in pixels.
  var side: Int
  var border = Border.reflection

  /// Those that the time of an iteration goes to.
  static let hot = [
    ConvolutionShape(name: "conv-3x3-256", side: 256),
    ConvolutionShape(name: "conv-3x3-128", side: 128),
    ConvolutionShape(name: "conv-3x3-512", inputs: 132, side: 512),
    ConvolutionShape(name: "conv-1x1-256", kernel: 1, side: 256),
    ConvolutionShape(name: "conv-3x3-stride2-256", stride: 2, side: 256),
    ConvolutionShape(
      name: "conv-7x7-256", inputs: 16, outputs: 16, kernel: 7, side: 256, border: .zero),
    ConvolutionShape(name: "conv-5x5-64", inputs: 64, outputs: 64, kernel: 5, side: 64),
  ]

  /// As a table shows it.
  var title: String {
    "\(kernel)×\(kernel) \(inputs)→\(outputs), \(side)²"
      + (stride == 1 ? "" : " → \(side / stride)²") + (kernel == 1 ? "" : ", \(border.rawValue)")
  }

  /// Billions of operations of one pass, counted as direct.
  var gflop: Double {
    let pixels = (side / stride) * (side / stride)
    return 2 * Double(inputs * outputs * kernel * kernel * pixels) / 1e9
  }
}

/// One of the three passes of a convolution.
enum ConvolutionPass: String, CaseIterable, Sendable {
  case forward
  /// The gradient to the data.
  case data
  /// The gradient to the weights.
  case weights
}
