internal import CKernels

/// The maximum or the average of windows, which may overlap and may reach over the edge.
package struct Pooling: Operation {
  package enum Kind: String, Sendable { case maximum, average }

  package var kind: Kind
  package var kernelHeight: Int
  package var kernelWidth: Int
  package var stride: Int
  package var padding = 0
  package var rounding = PoolingRounding.floor
  /// Whether averages count the padding (but not what lies beyond it), as Caffe and PyTorch do.
  package var countsPadding = true

  package init(
    kind: Kind, kernel: Int, stride: Int, padding: Int = 0, rounding: PoolingRounding = .floor,
    countsPadding: Bool = true
  ) {
    (self.kind, kernelHeight, kernelWidth, self.stride) = (kind, kernel, kernel, stride)
    (self.padding, self.rounding, self.countsPadding) = (padding, rounding, countsPadding)
  }

  package var name: String { "\(kind) pooling" }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    guard x.rank == 4, min(kernelHeight, kernelWidth, stride) > 0, padding >= 0,
      2 * padding <= min(kernelHeight, kernelWidth)
    else {
      throw .shape(
        operation: name,
        problem: "needs [N, C, H, W], kernel and stride ≥ 1 and padding of at most half a kernel; "
          + "got \(x), \(kernelHeight)×\(kernelWidth), \(stride) and \(padding)")
    }
    let (height, width) = (extent(x.height, kernelHeight), extent(x.width, kernelWidth))
    guard height > 0, width > 0 else {
      throw .shape(
        operation: name,
        problem: "input \(x) is smaller than the window \(kernelHeight)×\(kernelWidth)")
    }
    return [x.batch, x.channels, height, width]
  }

  private func extent(_ side: Int, _ kernel: Int) -> Int {
    let room = side + 2 * padding - kernel
    switch rounding {
    case .floor: return room < 0 ? 0 : room / stride + 1
    case .ceiling:
      var count = (max(room, 0) + stride - 1) / stride + 1
      // A last window that begins in the far padding would see nothing.
      if (count - 1) * stride >= side + padding { count -= 1 }
      return count
    }
  }

  package func savedCount(for inputs: [Shape]) -> Int {
    guard kind == .maximum, let y = try? outputShape(for: inputs) else { return 0 }
    return y.count
  }

  package func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    let geometry = geometry(x.shape, y.shape)
    let (large, small) = (x.shape.height * x.shape.width, y.shape.height * y.shape.width)
    pass.threads.forEach(x.shape.batch * x.shape.channels) { plane in
      withUnsafePointer(to: geometry) {
        switch kind {
        case .maximum:
          pi_max_pool(
            $0, x.elements + plane * large, y.elements + plane * small,
            pass.saved + plane * small)
        case .average:
          pi_average_pool($0, x.elements + plane * large, y.elements + plane * small)
        }
      }
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let dy = pass.outputGradient
    let geometry = geometry(dx.shape, dy.shape)
    let (large, small) = (dx.shape.height * dx.shape.width, dy.shape.height * dy.shape.width)
    pass.threads.forEach(dx.shape.batch * dx.shape.channels) { plane in
      withUnsafePointer(to: geometry) {
        switch kind {
        case .maximum:
          pi_max_pool_pullback(
            $0, pass.saved + plane * small, dy.elements + plane * small,
            dx.elements + plane * large)
        case .average:
          pi_average_pool_pullback($0, dy.elements + plane * small, dx.elements + plane * large)
        }
      }
    }
  }

  private func geometry(_ x: Shape, _ y: Shape) -> pi_pooling {
    pi_pooling(
      height: Int32(x.height), width: Int32(x.width), out_height: Int32(y.height),
      out_width: Int32(y.width), kernel_height: Int32(kernelHeight),
      kernel_width: Int32(kernelWidth), stride: Int32(stride),
      padding: Int32(padding), counts_padding: countsPadding ? 1 : 0)
  }

  package static let specimens: [Specimen] = [Kind.maximum, .average].flatMap { kind in
    [
      Specimen(Pooling(kind: kind, kernel: 2, stride: 2), [[2, 2, 4, 6]], values: [.distinct]),
      Specimen(Pooling(kind: kind, kernel: 2, stride: 2), [[1, 2, 5, 7]], values: [.distinct]),
      Specimen(Pooling(kind: kind, kernel: 3, stride: 2), [[1, 2, 7, 9]], values: [.distinct]),
      Specimen(
        Pooling(kind: kind, kernel: 3, stride: 2, rounding: .ceiling), [[1, 2, 6, 8]],
        values: [.distinct]),
      Specimen(
        Pooling(kind: kind, kernel: 3, stride: 1, padding: 1), [[1, 2, 4, 3]],
        values: [.distinct]),
      Specimen(
        Pooling(kind: kind, kernel: 3, stride: 2, padding: 1, rounding: .ceiling),
        [[1, 1, 5, 6]], values: [.distinct]),
      Specimen(
        Pooling(kind: kind, kernel: 3, stride: 2, padding: 1, countsPadding: false),
        [[1, 1, 5, 4]], values: [.distinct]),
      Specimen(Pooling(kind: kind, kernel: 1, stride: 1), [[1, 2, 1, 1]], values: [.distinct]),
    ]
  }
}

/// How many windows fit where the last does not fit whole.
public enum PoolingRounding: String, Sendable, Hashable, Codable {
  /// It is left out (PyTorch's default).
  case floor
  /// It is clipped (Caffe).
  case ceiling
}

extension Graph {
  /// The maximum of each `kernel` × `kernel` window of `[N, C, H, W]`.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where the windows do not fit.
  public mutating func maxPool(
    _ x: Node, kernel: Int, stride: Int, padding: Int = 0, rounding: PoolingRounding = .floor
  ) throws(EngineError) -> Node {
    try apply(
      Pooling(
        kind: .maximum, kernel: kernel, stride: stride, padding: padding, rounding: rounding),
      to: [x])
  }

  /// The average of each `kernel` × `kernel` window of `[N, C, H, W]`.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where the windows do not fit.
  public mutating func averagePool(
    _ x: Node, kernel: Int, stride: Int, padding: Int = 0, rounding: PoolingRounding = .floor,
    countsPadding: Bool = true
  ) throws(EngineError) -> Node {
    try apply(
      Pooling(
        kind: .average, kernel: kernel, stride: stride, padding: padding, rounding: rounding,
        countsPadding: countsPadding),
      to: [x])
  }
}

extension Graph {
  /// The average of each channel over the picture: `[N, C, H, W]` to `[N, C, 1, 1]`.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` unless x has rank 4.
  public mutating func globalAveragePool(_ x: Node) throws(EngineError) -> Node {
    var pooling = Pooling(kind: .average, kernel: 1, stride: 1)
    if x.shape.rank == 4 {
      (pooling.kernelHeight, pooling.kernelWidth) = (x.shape.height, x.shape.width)
    }
    return try apply(pooling, to: [x])
  }
}
