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
/// Inputs: x [N, C, H, W], weights [K, C / groups, R, S]; where `hasBias`, a bias [K]; where
/// `inputSlope` is set, the ``NormalizationTerms`` [3, C] through which x is read (N = 1); where it
/// `enlarges`, the plain channels [1, P, 2 H, 2 W], if any, before x [1, C − P, H, W].
package struct Convolution: Operation {
  package var stride = 1
  package var paddingHeight = 0
  package var paddingWidth = 0
  package var border = Border.zero
  package var groups = 1
  package var hasBias = false
  /// Fused: x is read through normalisation terms and rectified with this slope (1: not rectified).
  package var inputSlope: Float?
  /// Fused: x is half as large, and each of its pixels is read as two by two; this many channels of
  /// the full size, a last input, come before it.
  package var enlarges: Int?
  /// Fused: the output is rectified with this slope as it is written.
  package var outputSlope: Float?
  /// Fused: the output's moments are summed up as it is written.
  package var gathersMoments = false
  /// Where it is not to be computed in the best instruction set that the processor has.
  package var instructionSet: InstructionSet?

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
    guard max(w[2], w[3], stride) <= 255 else {
      throw fail(
        "a kernel of \(w[2])×\(w[3]) or a stride of \(stride) is beyond the 255 it can take")
    }
    let channels = x.channels + (enlarges ?? 0)
    guard channels == w[1] * groups, w[0] % groups == 0 else {
      throw fail(
        "input \(x) has \(channels) channels but weights \(w) in \(groups) groups take "
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
    let scale = enlarges == nil ? 1 : 2
    let height = scale * x.height + 2 * paddingHeight - w[2]
    let width = scale * x.width + 2 * paddingWidth - w[3]
    guard height >= 0, width >= 0 else {
      throw fail("input \(x) is smaller than the kernel \(w[2])×\(w[3])")
    }
    return [x.batch, w[0], height / stride + 1, width / stride + 1]
  }

  package var pullbackReads: PullbackReads {
    outputSlope == nil ? [.inputs] : [.inputs, .output]
  }

  package func addsToGradient(ofInput input: Int) -> Bool { input == 0 || input == plainInput }

  private var biasInput: Int? { hasBias ? 2 : nil }
  private var termsInput: Int? { inputSlope == nil ? nil : hasBias ? 3 : 2 }
  private var plainInput: Int? {
    (enlarges ?? 0) == 0 ? nil : 2 + (hasBias ? 1 : 0) + (inputSlope == nil ? 0 : 1)
  }

  // MARK: Passes

  package func scratchCount(for inputs: [Shape], threads: Int) -> Int {
    geometry(of: inputs[0], inputs[1]).scratchCount(threads: threads)
  }

  package func forward(_ pass: ForwardPass) {
    let (x, w, y) = (pass.inputs[0], pass.inputs[1], pass.output)
    let geometry = geometry(of: x.shape, w.shape)
    var tensors = tensors(pass.inputs)
    tensors.bias = UnsafePointer(biasInput.map { pass.inputs[$0].elements })
    tensors.out_slope = outputSlope ?? 1
    tensors.moments = y.moments
    for n in 0..<x.shape.batch {
      tensors.x.values = UnsafePointer(x.picture(n))
      tensors.y = y.picture(n)
      geometry.run(pi_pass_forward, tensors, pass.scratch, pass.threads, instructionSet)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    let (x, w, dy) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    let geometry = geometry(of: x.shape, w.shape)
    var tensors = tensors(pass.inputs)
    tensors.dterms = termsInput.flatMap { pass.inputGradients[$0]?.elements }
    if let outputSlope { tensors.dy.slope = outputSlope }
    let plain = plainInput.flatMap { pass.inputGradients[$0] }
    let wantsData = pass.inputGradients[0] != nil || plain != nil || tensors.dterms != nil
    let wantsWeights =
      pass.inputGradients[1] != nil || biasInput.map { pass.inputGradients[$0] != nil } == true
    for n in 0..<x.shape.batch {
      tensors.x.values = UnsafePointer(x.picture(n))
      tensors.dy.values = UnsafePointer(dy.picture(n))
      if outputSlope != nil { tensors.dy.rectified = UnsafePointer(pass.output.picture(n)) }
      var (data, weights) = (tensors, tensors)
      data.dx = pass.inputGradients[0]?.picture(n)
      data.adds = pass.adds[0] ? 1 : 0
      data.dplain = plain?.elements
      data.adds_plain = plainInput.map { pass.adds[$0] } == true ? 1 : 0
      weights.dw = pass.inputGradients[1]?.elements
      weights.db = biasInput.flatMap { pass.inputGradients[$0]?.elements }
      weights.adds = n > 0 ? 1 : 0
      geometry.run(
        pi_pass_data, wantsData ? data : nil, besideWeights: wantsWeights ? weights : nil,
        pass.scratch, pass.threads, instructionSet)
    }
  }

  /// What all passes read alike.
  private func tensors(_ inputs: [View]) -> pi_tensors {
    var tensors = pi_tensors()
    tensors.w = UnsafePointer(inputs[1].elements)
    if let termsInput, let inputSlope {
      tensors.x.terms = UnsafePointer(inputs[termsInput].elements)
      tensors.x.slope = inputSlope
    }
    tensors.plain = UnsafePointer(plainInput.map { inputs[$0].elements })
    return tensors
  }

  func geometry(of x: Shape, _ w: Shape) -> pi_convolution {
    let scale = enlarges == nil ? 1 : 2
    let height = scale * x.height + 2 * paddingHeight - w[2]
    let width = scale * x.width + 2 * paddingWidth - w[3]
    return pi_convolution(
      channels: Int32(w[1] * groups), height: Int32(scale * x.height),
      width: Int32(scale * x.width), out_channels: Int32(w[0]),
      out_height: Int32(height / stride + 1), out_width: Int32(width / stride + 1),
      kernel_height: Int32(w[2]), kernel_width: Int32(w[3]), stride: Int32(stride),
      padding_height: Int32(paddingHeight), padding_width: Int32(paddingWidth),
      groups: Int32(groups),
      border: border == .zero
        ? pi_border_zero : border == .reflection ? pi_border_reflection : pi_border_replication,
      enlarges: enlarges == nil ? 0 : 1, plain: Int32(enlarges ?? 0))
  }

  /// Whether a convolution of `[1, channels, height, width]`, whose channels after the first `plain` are
  /// enlarged by two, is faster if it reads them as they are before that.
  func gains(
    byEnlarging channels: Int, after plain: Int, _ method: UpsamplingMethod, height: Int,
    width: Int, _ w: Shape
  ) -> Bool {
    guard channels == w[1] else { return false }
    if method == .bilinear {
      return BilinearConvolution.gains(self, after: plain, height: height, width: width, w)
    }
    var fused = self
    fused.enlarges = plain
    var geometry = fused.geometry(of: [1, channels - plain, height / 2, width / 2], w)
    return pi_convolution_enlarges(&geometry) == 2
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
      // A row of outputs that reads more numbers than are staged at a time.
      Specimen(Convolution(stride: 14, paddingWidth: 2), [[1, 1, 4, 1800], [2, 1, 3, 5]]),
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
    return specimens + fusedSpecimens
  }()

  /// Winograd and panels, every border, with all that is fused.
  private static var fusedSpecimens: [Specimen] {
    var specimens: [Specimen] = []
    for border in Border.allCases {
      for (stride, kernel) in [(1, 3), (2, 3), (1, 5)] {
        var fused = Convolution(
          stride: stride, paddingHeight: kernel / 2, paddingWidth: kernel / 2, border: border,
          hasBias: true)
        let weights: Shape = [18, 17, kernel, kernel]
        specimens.append(Specimen(fused, [[1, 17, 18, 20], weights, [18]]))
        fused.inputSlope = 0.2
        specimens.append(
          Specimen(
            fused, [[1, 17, 18, 20], weights, [18], [3, 17]],
            values: [.awayFromZero, .uniform(-1...1), .uniform(-1...1), .terms(channels: 17)]))
      }
      // By phases.
      for (stride, kernel) in [(1, 7), (2, 5)] {
        var phased = Convolution(
          stride: stride, paddingHeight: kernel / 2, paddingWidth: kernel / 2, border: border)
        phased.inputSlope = 0.2
        specimens.append(
          Specimen(
            phased, [[1, 8, 44, 48], [3, 8, kernel, kernel], [3, 8]],
            values: [.awayFromZero, .uniform(-1...1), .terms(channels: 8)]))
      }
      // By frequencies.
      var wide = Convolution(paddingHeight: 3, paddingWidth: 3, border: border, hasBias: true)
      wide.inputSlope = 0.2
      specimens.append(
        Specimen(
          wide, [[1, 17, 41, 50], [18, 17, 7, 7], [18], [3, 17]],
          values: [.awayFromZero, .uniform(-1...1), .uniform(-1...1), .terms(channels: 17)]))
      // From few channels.
      var few = Convolution(paddingHeight: 1, paddingWidth: 1, border: border, hasBias: true)
      few.inputSlope = 0.2
      specimens.append(
        Specimen(
          few, [[1, 4, 33, 6], [17, 4, 3, 3], [17], [3, 4]],
          values: [.awayFromZero, .uniform(-1...1), .uniform(-1...1), .terms(channels: 4)]))
      specimens.append(
        Specimen(
          Convolution(paddingHeight: 1, paddingWidth: 0, border: border),
          [[2, 1, 5, 4], [16, 1, 3, 3]]))
      // Widths that leave each remainder by four, and tiles in several rows of a group.
      for side in [17, 18, 19] {
        specimens.append(
          Specimen(
            Convolution(paddingHeight: 1, paddingWidth: 1, border: border),
            [[2, 16, 13, side], [16, 16, 3, 3]]))
      }
    }
    for (kernel, border) in [(3, Border.zero), (3, .reflection), (5, .zero), (7, .zero)] {
      var fused = Convolution(
        paddingHeight: kernel / 2, paddingWidth: kernel / 2, border: border, hasBias: true)
      fused.enlarges = 0
      specimens.append(Specimen(fused, [[1, 3, 7, 6], [2, 3, kernel, kernel], [2]]))
      (fused.enlarges, fused.inputSlope) = (2, 0.2)
      specimens.append(
        Specimen(
          fused, [[1, 3, 5, 8], [4, 5, kernel, kernel], [4], [3, 5], [1, 2, 10, 16]],
          values: [
            .awayFromZero, .uniform(-1...1), .uniform(-1...1), .terms(channels: 5), .awayFromZero,
          ]))
    }
    // Stride 2 by phases.
    for (kernel, side, border) in [
      (3, 70, Border.zero), (3, 70, .reflection), (5, 42, .zero), (7, 30, .zero),
    ] {
      var strided = Convolution(
        stride: 2, paddingHeight: kernel / 2, paddingWidth: kernel / 2, border: border,
        hasBias: true)
      strided.inputSlope = 0.2
      specimens.append(
        Specimen(
          strided, [[1, 8, side, side + 14], [3, 8, kernel, kernel], [3], [3, 8]],
          values: [.awayFromZero, .uniform(-1...1), .uniform(-1...1), .terms(channels: 8)]))
    }
    specimens.append(
      Specimen(
        Convolution(paddingHeight: 1, paddingWidth: 1, groups: 2),
        [[1, 32, 16, 16], [32, 16, 3, 3]]))
    return specimens
  }
}

extension Graph {
  /// Convolves `[N, C, H, W]` with `weights` `[K, C / groups, R, S]` to `[N, K, H', W']`.
  ///
  /// The kernel is not flipped (a correlation); `bias` is `[K]`. `padding` rows and `paddingWidth`
  /// columns (as many, where nothing is given) are added on either side and read by the rule of
  /// `border`: H' = (H + 2·padding − R) / stride + 1, rounded down.
  /// - Throws: ``EngineError/shape(operation:problem:)`` where the shapes do not fit.
  public mutating func convolve(
    _ x: Node, weights: Node, bias: Node? = nil, stride: Int = 1, padding: Int = 0,
    paddingWidth: Int? = nil, border: Border = .zero, groups: Int = 1
  ) throws(EngineError) -> Node {
    let operation = Convolution(
      stride: stride, paddingHeight: padding, paddingWidth: paddingWidth ?? padding, border: border,
      groups: groups, hasBias: bias != nil)
    return try apply(operation, to: [x, weights] + (bias.map { [$0] } ?? []))
  }
}
