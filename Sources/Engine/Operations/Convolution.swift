internal import CKernels

/// How positions outside a picture are read.
public enum Border: String, Sendable, Hashable, Codable, CaseIterable {
  /// As zero.
  case zero
  /// Mirrored about the outermost pixel, which is not repeated.
  case reflection
  /// As the nearest pixel.
  case replication
}

/// Correlation with learned filters, as deep learning calls convolution.
///
/// Inputs: x [N, C, H, W], weights [K, C / groups, R, S] and, where `hasBias`, a bias [K].
package struct Convolution: Operation {
  package var stride = 1
  package var paddingHeight = 0
  package var paddingWidth = 0
  package var border = Border.zero
  package var groups = 1
  package var hasBias = false

  package var name: String { "convolution" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let (x, w) = (inputs[0], inputs[1])
    func fail(_ problem: String) -> EngineError { .shape(operation: name, problem: problem) }
    guard x.rank == 4, w.rank == 4 else {
      throw fail("input \(x) and weights \(w) must be [N, C, H, W] and [K, C, R, S]")
    }
    guard stride > 0, paddingHeight >= 0, paddingWidth >= 0, groups > 0 else {
      throw fail("stride \(stride) and groups \(groups) must be positive, the padding not negative")
    }
    guard x.channels == w[1] * groups, w[0] % groups == 0 else {
      throw fail(
        "input \(x) has \(x.channels) channels but weights \(w) in \(groups) groups take "
          + "\(w[1] * groups)")
    }
    if hasBias, inputs[2] != [w[0]] {
      throw fail("bias \(inputs[2]) does not fit weights \(w); it should be [\(w[0])]")
    }
    if border == .reflection, paddingHeight >= x.height || paddingWidth >= x.width {
      throw fail(
        "reflection by \(paddingHeight) rows and \(paddingWidth) columns needs a larger input "
          + "than \(x)")
    }
    let height = x.height + 2 * paddingHeight - w[2]
    let width = x.width + 2 * paddingWidth - w[3]
    guard height >= 0, width >= 0 else {
      throw fail("input \(x) is smaller than the kernel \(w[2])×\(w[3])")
    }
    return [x.batch, w[0], height / stride + 1, width / stride + 1]
  }

  package func scratchCount(for inputs: [Shape], threads: Int) -> Int {
    var geometry = geometry(of: inputs[0], inputs[1])
    return pi_convolution_scratch(&geometry) * threads
  }

  package func forward(_ pass: ForwardPass) {
    let (x, w, y) = (pass.inputs[0], pass.inputs[1], pass.output)
    let bias = hasBias ? pass.inputs[2].elements : nil
    var geometry = geometry(of: x.shape, w.shape)
    let scratch = pi_convolution_scratch(&geometry)
    let (picture, result) = (x.count / x.shape.batch, y.count / x.shape.batch)
    for n in 0..<x.shape.batch {
      pass.threads.forEach(pi_convolution_forward_pieces(&geometry)) { piece, thread in
        withUnsafePointer(to: geometry) {
          pi_convolution_forward(
            $0, piece, x.elements + n * picture, w.elements, bias, y.elements + n * result,
            pass.scratch + thread * scratch)
        }
      }
    }
  }

  package func pullback(_ pass: PullbackPass) {
    let (x, w, dy) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    var geometry = geometry(of: x.shape, w.shape)
    let scratch = pi_convolution_scratch(&geometry)
    let batch = x.shape.batch
    let (picture, result) = (x.count / batch, dy.count / batch)
    if let dx = pass.inputGradients[0] {
      for n in 0..<batch {
        pass.threads.forEach(pi_convolution_data_pieces(&geometry)) { piece, thread in
          withUnsafePointer(to: geometry) {
            pi_convolution_data(
              $0, piece, dy.elements + n * result, w.elements, dx.elements + n * picture,
              pass.scratch + thread * scratch)
          }
        }
      }
    }
    if let dw = pass.inputGradients[1] {
      for n in 0..<batch {
        pass.threads.forEach(pi_convolution_weights_pieces(&geometry)) { piece, thread in
          withUnsafePointer(to: geometry) {
            pi_convolution_weights(
              $0, piece, x.elements + n * picture, dy.elements + n * result, dw.elements,
              n == 0 ? 0 : 1, pass.scratch + thread * scratch)
          }
        }
      }
    }
    if hasBias, let db = pass.inputGradients[2] {
      let plane = dy.shape.height * dy.shape.width
      pass.threads.forEach(db.count) { k in
        var sum = 0.0
        for n in 0..<batch { sum += pi_sum(dy.elements + n * result + k * plane, plane) }
        db.elements[k] = Float(sum)
      }
    }
  }

  private func geometry(of x: Shape, _ w: Shape) -> pi_convolution {
    let height = x.height + 2 * paddingHeight - w[2]
    let width = x.width + 2 * paddingWidth - w[3]
    return pi_convolution(
      channels: Int32(x.channels), height: Int32(x.height), width: Int32(x.width),
      out_channels: Int32(w[0]), out_height: Int32(height / stride + 1),
      out_width: Int32(width / stride + 1), kernel_height: Int32(w[2]), kernel_width: Int32(w[3]),
      stride: Int32(stride), padding_height: Int32(paddingHeight),
      padding_width: Int32(paddingWidth), groups: Int32(groups),
      border: border == .zero
        ? pi_border_zero : border == .reflection ? pi_border_reflection : pi_border_replication)
  }

  package static let specimens: [Specimen] = {
    var specimens = [
      Specimen(Convolution(hasBias: true), [[1, 3, 5, 7], [4, 3, 1, 1], [4]]),
      Specimen(Convolution(), [[2, 4, 6, 5], [6, 4, 3, 3]]),
      Specimen(Convolution(stride: 4, hasBias: true), [[1, 3, 23, 19], [2, 3, 11, 11], [2]]),
      Specimen(Convolution(stride: 2), [[1, 2, 9, 8], [3, 2, 1, 1]]),
      Specimen(Convolution(stride: 3), [[1, 2, 8, 11], [3, 2, 2, 2]]),
      Specimen(
        Convolution(paddingHeight: 1, paddingWidth: 1, groups: 2, hasBias: true),
        [[2, 4, 5, 4], [6, 2, 3, 3], [6]]),
      Specimen(
        Convolution(paddingHeight: 2, paddingWidth: 2, groups: 6), [[1, 6, 5, 7], [6, 1, 5, 5]]),
      Specimen(Convolution(paddingHeight: 0, paddingWidth: 2), [[1, 2, 4, 5], [3, 2, 1, 5]]),
      Specimen(Convolution(paddingHeight: 3, paddingWidth: 3), [[1, 2, 1, 1], [2, 2, 7, 7]]),
      Specimen(Convolution(paddingHeight: 3, paddingWidth: 3), [[1, 19, 9, 20], [5, 19, 7, 7]]),
    ]
    for border in Border.allCases {
      for stride in 1...2 {
        for shape: Shape in [[1, 3, 6, 8], [1, 2, 5, 3]] {
          specimens.append(
            Specimen(
              Convolution(stride: stride, paddingHeight: 1, paddingWidth: 1, border: border),
              [shape, [4, shape.channels, 3, 3]]))
        }
        specimens.append(
          Specimen(
            Convolution(stride: stride, paddingHeight: 2, paddingWidth: 2, border: border),
            [[1, 2, 7, 4], [3, 2, 5, 5]]))
      }
    }
    return specimens
  }()
}

extension Graph {
  /// Convolves `[N, C, H, W]` with `weights` `[K, C / groups, R, S]` to `[N, K, H', W']`.
  ///
  /// The kernel is not flipped (a correlation); `bias` is `[K]`. `padding` rows and columns are added
  /// on every side and read by the rule of `border`: H' = (H + 2·padding − R) / stride + 1, rounded
  /// down.
  /// - Throws: ``EngineError/shape(operation:problem:)`` where the shapes do not fit.
  public mutating func convolve(
    _ x: Node, weights: Node, bias: Node? = nil, stride: Int = 1, padding: Int = 0,
    border: Border = .zero, groups: Int = 1
  ) throws(EngineError) -> Node {
    let operation = Convolution(
      stride: stride, paddingHeight: padding, paddingWidth: padding, border: border,
      groups: groups, hasBias: bias != nil)
    return try apply(operation, to: [x, weights] + (bias.map { [$0] } ?? []))
  }
}
