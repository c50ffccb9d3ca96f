import Engine
import TestSupport
import Testing

/// Convolutions in every instruction set of this processor, against direct ones in double precision.
@Suite struct ConvolutionAccuracyTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var input: Shape
    var weights: Shape
    var stride = 1
    /// On each side; half the kernel where it is not given.
    var padding: Int
    var border = Border.zero
    var groups = 1
    /// Whether the input is half as large, and each of its pixels read as two by two.
    var enlarges = false

    init(
      _ input: Shape, _ weights: Shape, stride: Int = 1, padding: Int? = nil,
      border: Border = .zero, groups: Int = 1, enlarges: Bool = false
    ) {
      (self.input, self.weights, self.stride) = (input, weights, stride)
      self.padding = padding ?? weights[2] / 2
      (self.border, self.groups, self.enlarges) = (border, groups, enlarges)
    }

    var testDescription: String {
      "\(weights) of \(input), stride \(stride), padding \(padding), \(border)"
        + (enlarges ? ", enlarged" : "")
    }

    /// The convolution of a picture as large as it is read.
    func operation() throws -> Convolution {
      var graph = Graph()
      let side = enlarges ? 2 : 1
      let x = graph.input([1, input[1], side * input[2], side * input[3]])
      let node = try graph.convolve(
        x, weights: graph.input(weights), stride: stride, padding: padding, border: border,
        groups: groups)
      guard case .operation(let operation as Convolution, _) = graph.sources[node.index] else {
        preconditionFailure("a graph convolves by a convolution")
      }
      return operation
    }
  }

  static let cases: [Case] =
    Border.allCases.flatMap { border in
      [
        // The hourglass's own.
        Case([1, 128, 40, 44], [128, 128, 3, 3], border: border),
        // Odd sizes: Winograd for 3×3 and 5×5, panels, and one that leaves out pixels.
        Case([1, 20, 23, 27], [18, 20, 3, 3], border: border),
        Case([1, 20, 17, 21], [18, 20, 5, 5], border: border),
        Case([1, 7, 19, 23], [5, 7, 3, 3], border: border),
        // To few channels, in several blocks.
        Case([1, 21, 23, 29], [3, 21, 3, 3], border: border),
        Case([1, 20, 19, 23], [18, 20, 3, 3], stride: 2, border: border),
        // From few channels, in several bands of rows and blocks of columns.
        Case([1, 4, 37, 270], [70, 4, 3, 3], border: border),
        Case([1, 6, 33, 19], [40, 3, 5, 5], border: border, groups: 2),
        // Stride 2 by phases: forward and data, with more tiles weights, and those whose pixels stand for points.
        Case([1, 8, 122, 130], [131, 8, 3, 3], stride: 2, border: border),
        Case([1, 8, 322, 320], [9, 8, 3, 3], stride: 2, border: border),
        Case([1, 48, 122, 126], [18, 48, 3, 3], stride: 2, border: border),
        Case([1, 16, 50, 54], [18, 16, 5, 5], stride: 2, border: border),
        Case([1, 24, 38, 30], [19, 24, 7, 7], stride: 2, border: border),
        // By phases without a stride.
        Case([1, 19, 44, 40], [18, 19, 7, 7], border: border),
        Case([1, 9, 58, 62], [17, 9, 5, 5], border: border),
        // By frequencies, the last group of tiles not full.
        Case([1, 19, 54, 47], [18, 19, 7, 7], border: border),
      ]
    } + [
      // So large that it is written past the caches.
      Case([1, 16, 363, 362], [16, 16, 3, 3]),
      Case([1, 16, 363, 362], [16, 16, 1, 1]),
      // So many kernels that the sums of the weights pass are far, with a last block of three groups.
      Case([1, 172, 46, 47], [172, 172, 5, 5]),
      Case([1, 20, 19, 23], [37, 20, 1, 1]),
      Case([1, 20, 19, 23], [37, 20, 1, 1], stride: 2),
      Case([1, 3, 47, 51], [18, 3, 11, 11], stride: 4),
      Case([1, 40, 23, 27], [36, 20, 3, 3], groups: 2),
      Case([1, 40, 23, 27], [36, 20, 5, 5], border: .reflection, groups: 2),
      Case([1, 34, 92, 71], [38, 17, 7, 7], groups: 2),
      // Outputs smaller and larger than the input.
      Case([1, 16, 60, 52], [16, 16, 7, 7], padding: 0),
      Case([1, 16, 44, 50], [16, 16, 7, 7], padding: 6),
      Case([1, 16, 44, 50], [16, 16, 7, 7], padding: 5, border: .reflection),
      Case([1, 16, 23, 27], [18, 16, 3, 3], padding: 0),
      Case([1, 16, 23, 27], [18, 16, 5, 5], padding: 4, border: .replication),
      Case([1, 19, 13, 17], [18, 19, 3, 3], border: .reflection, enlarges: true),
      Case([1, 19, 13, 17], [18, 19, 5, 5], enlarges: true),
      Case([1, 19, 13, 17], [18, 19, 7, 7], enlarges: true),
    ]

  /// The root mean square of the errors, over that of what is right.
  @Test("all passes are near those in double precision", arguments: cases)
  func accuracy(_ convolution: Case) throws {
    var operation = try convolution.operation()
    let x = Tensor.hashed("accuracy.x", convolution.input)
    let w = Tensor.hashed("accuracy.w", convolution.weights)
    let seen = convolution.enlarges ? x.enlarged : x
    let direct = try DirectConvolution(operation, seen.shape, w.shape)
    let y = direct.forward(seen, w)
    let dy = Tensor.hashed("accuracy.dy", y.shape)
    let (seenGradient, dw) = direct.pullback(seen, w, dy)
    let dx = convolution.enlarges ? seenGradient.shrunk : seenGradient
    if convolution.enlarges { operation.enlarges = 0 }

    var outputs: [Tensor] = []
    for set in InstructionSet.available {
      operation.instructionSet = set
      var graph = Graph()
      let output = try graph.apply(
        operation, to: [graph.parameter("x", initial: x), graph.parameter("w", initial: w)])
      let program = try Program(
        minimizing: graph.innerProduct(output, graph.constant(dy)), over: "", in: graph,
        observing: [output], threads: ThreadPool(threads: 1))
      program.forwardAndBackward()
      outputs.append(program.value(of: output))
      // Single precision rounds by 6e-8. Winograd's transforms make that up to 9e-7, Fourier's 3e-7.
      let errors = try [
        program.value(of: output).rootMeanSquareError(against: y),
        program.gradient("x").rootMeanSquareError(against: dx),
        program.gradient("w").rootMeanSquareError(against: dw),
      ]
      #expect(errors.allSatisfy { $0 < 3e-6 }, "\(set): \(errors)")
    }
    // Without fused products rounding is another: proof that the sets are not all one.
    if outputs.count > 1 { #expect(outputs[0] != outputs[outputs.count - 1]) }
  }

  /// Specimens that read through a normalisation, which the gradient test takes in the best set.
  static let specimens: [Specimen] = InstructionSet.available.dropLast().flatMap { set in
    Convolution.specimens.compactMap { specimen in
      guard var operation = specimen.operation as? Convolution, operation.inputSlope != nil else {
        return nil
      }
      operation.instructionSet = set
      return Specimen(
        operation, specimen.inputs, values: specimen.values, tolerance: specimen.tolerance)
    }
  }

  @Test("in lesser instruction sets too, pullbacks agree with differences", arguments: specimens)
  func pullback(_ specimen: Specimen) throws {
    #expect(try specimen.gradientError(seed: 1) < specimen.tolerance)
  }
}

extension Tensor {
  /// Each pixel as two by two.
  fileprivate var enlarged: Tensor {
    var large = Tensor([1, shape[1], 2 * shape[2], 2 * shape[3]])
    for c in 0..<large.shape[1] {
      for row in 0..<large.shape[2] {
        for column in 0..<large.shape[3] {
          large[0, c, row, column] = self[0, c, row / 2, column / 2]
        }
      }
    }
    return large
  }

  /// The sums of two by two pixels.
  fileprivate var shrunk: Tensor {
    var small = Tensor([1, shape[1], shape[2] / 2, shape[3] / 2])
    for c in 0..<shape[1] {
      for row in 0..<shape[2] {
        for column in 0..<shape[3] {
          small[0, c, row / 2, column / 2] += self[0, c, row, column]
        }
      }
    }
    return small
  }
}
