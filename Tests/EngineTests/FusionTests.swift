import Engine
import TestSupport
import Testing

/// Programs with fused operations against the same without: outputs, loss and all gradients.
@Suite struct FusionTests {
  /// What a fused program takes the place of several operations by, and what it leaves alone.
  private static let (terms, normalized, join) = ("normalisation terms", "normalisation", "join")
  private static let (convolution, rectifier) = ("convolution", "leaky ReLU")
  private static let bilinear = "bilinear convolution"
  /// Those of a normalised ``Sketch/join(_:of:method:)`` whose reader enlarges.
  private static func joined(_ branches: Int) -> [String] {
    [convolution, terms] + (branches == 1 ? [] : [convolution, terms, join]) + [join, terms]
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The operations of the fused program before those of the loss.
    var operations: [String]
    /// Both programs sum up some hundred terms with errors of 6e-8, in another order; a normalisation's
    /// gradient is what two such sums leave of each other. 7e-6 is found, and 4e-5 in large pictures.
    var tolerance: Double
    /// Describes the graph; what it returns is observed and weighed in the loss.
    var build: @Sendable (inout Sketch) throws -> [Graph.Node]

    init(
      _ name: String, _ operations: [String], tolerance: Double = 3e-5,
      build: @escaping @Sendable (inout Sketch) throws -> [Graph.Node]
    ) {
      (testDescription, self.operations, self.build) = (name, operations, build)
      self.tolerance = tolerance
    }
  }

  static let cases: [Case] =
    // Kernel and stride of the readers, and channels: with sixteen it is Winograd's.
    [(3, 1, 6), (3, 1, 16), (3, 2, 6), (1, 1, 6), (5, 1, 6)].map { kernel, stride, channels in
      Case(
        "\(kernel)×\(kernel)/\(stride) of \(channels) channels reads through",
        [convolution, terms, convolution, convolution]
      ) { sketch in
        let x = try sketch.normalize(sketch.convolve(sketch.x(channels)), slope: 0.2)
        // Two readers: the gradients are added up.
        return try [Border.reflection, .zero].map {
          try sketch.convolve(x, kernel: kernel, stride: stride, border: $0)
        }
      }
    } + [
      Case("no rectifier", [convolution, terms, convolution]) { sketch in
        [try sketch.convolve(sketch.normalize(sketch.convolve(sketch.x(6))))]
      },
      Case("a bias", [convolution, terms, convolution]) { sketch in
        // Before a normalisation a bias changes nothing.
        let x = try sketch.normalize(sketch.convolve(sketch.x(6)), slope: 0)
        return [try sketch.convolve(x, hasBias: true)]
      },
      Case(
        "a reader that cannot read through",
        [convolution, terms, normalized, "sigmoid", convolution]
      ) { sketch in
        let x = try sketch.normalize(sketch.convolve(sketch.x(6)), slope: 0.2)
        return [try sketch.graph.sigmoid(x), try sketch.convolve(x)]
      },
      Case(
        "an observed normalisation", [convolution, terms, normalized, convolution]
      ) { sketch in
        let x = try sketch.normalize(sketch.convolve(sketch.x(6)))
        return [x, try sketch.convolve(sketch.graph.leakyReLU(x, slope: 0.2))]
      },
      Case("an observed rectifier", [convolution, terms, normalized, convolution]) { sketch in
        let x = try sketch.normalize(sketch.convolve(sketch.x(6)), slope: 0.2)
        return [x, try sketch.convolve(x)]
      },
      Case("a normalised input", [terms, convolution]) { sketch in
        [try sketch.convolve(sketch.normalize(sketch.x(6), slope: 0.2))]
      },
      Case("a normalised constant", [terms, convolution]) { sketch in
        let x = sketch.graph.constant(Tensor.hashed("fusion.x", [1, 6, 26, 24]))
        return [try sketch.convolve(sketch.normalize(x, slope: 0.2))]
      },
      Case("a slope above 1", [convolution, terms, normalized, rectifier, convolution]) { sketch in
        [try sketch.convolve(sketch.normalize(sketch.convolve(sketch.x(6)), slope: 1.5))]
      },
      Case("rectifiers of a convolution's own", [convolution, convolution]) { sketch in
        let x = try sketch.graph.relu(sketch.convolve(sketch.x(6), hasBias: true))
        return [try sketch.graph.leakyReLU(sketch.convolve(x), slope: 0.2)]
      },
      Case(
        "moments of what a convolution rectifies", [convolution, terms, convolution]
      ) { sketch in
        let x = try sketch.graph.relu(sketch.convolve(sketch.x(6)))
        return [try sketch.convolve(sketch.normalize(x), kernel: 1)]
      },
      Case("rectifiers of what others read", [convolution, rectifier, convolution]) { sketch in
        let x = try sketch.convolve(sketch.x(6))
        let y = try sketch.graph.leakyReLU(x, slope: 0.2)
        return [x, try sketch.convolve(y)]
      },
      Case("two pictures", [convolution, "batch normalisation", rectifier, convolution]) { sketch in
        let x = try sketch.normalize(sketch.convolve(sketch.x(6, batch: 2)), slope: 0.2)
        return [try sketch.convolve(x)]
      },
      Case("branches cut to size", [convolution, convolution, "concatenation"]) { sketch in
        let x = try sketch.x(6)
        let smaller = try sketch.convolve(x, padding: 0)
        return [try sketch.graph.concatenate([sketch.convolve(x), smaller])]
      },
    ]
    + [1, 2].map { branches in
      // Large enough for a convolution that reads the small picture.
      Case(
        "\(branches) branches read as enlarged",
        joined(branches) + [convolution]
      ) { sketch in
        let joined = try sketch.join(
          branches, of: sketch.x(6, height: 56, width: 48), method: .nearest)
        return [try sketch.convolve(sketch.normalize(joined, slope: 0.2), kernel: 5, border: .zero)]
      }
    }
    + [1, 2].flatMap { branches in
      [Border.reflection, .replication].map { border in
        Case(
          "\(branches) branches read as enlarged bilinearly, \(border)",
          joined(branches) + [bilinear], tolerance: 1e-4
        ) { sketch in
          let joined = try sketch.join(
            branches, of: sketch.x(6, height: 240, width: 232), method: .bilinear)
          return [
            try sketch.convolve(
              sketch.normalize(joined), border: border, hasBias: branches == 2)
          ]
        }
      }
    }
    + [
      // The repeated border of a picture is not that of its phases.
      (Border.reflection, joined(2) + [convolution]),
      (.replication, [convolution, terms, convolution, terms, join, terms, convolution]),
    ].map { border, operations in
      Case("two branches read by 3×3 as enlarged, \(border)", operations, tolerance: 1e-4) {
        sketch in
        let joined = try sketch.join(
          2, of: sketch.x(6, height: 240, width: 232), method: .nearest)
        return [try sketch.convolve(sketch.normalize(joined), border: border)]
      }
    }
    + UpsamplingMethod.allCases.flatMap { method in
      [
        Case(
          "normalised branches, one enlarged: \(method)",
          [convolution, convolution, terms, terms, join, terms, convolution]
        ) { sketch in
          let x = try sketch.x(6)
          let (skip, small) = (try sketch.convolve(x), try sketch.convolve(x, stride: 2))
          let large = try sketch.graph.upsample(
            sketch.normalize(small, slope: 0.2), factor: 2, method: method)
          let joined = try sketch.graph.concatenate([sketch.normalize(skip, slope: 0.2), large])
          return [try sketch.convolve(sketch.normalize(joined))]
        },
        Case("plain branches, one enlarged: \(method)", [convolution, join]) { sketch in
          let small = try sketch.convolve(sketch.x(6), stride: 2)
          let large = try sketch.graph.upsample(small, factor: 2, method: method)
          return [try sketch.graph.concatenate([sketch.x(5), large])]
        },
        Case("enlarged alone: \(method)", [convolution, terms, join, convolution]) { sketch in
          let small = try sketch.normalize(sketch.convolve(sketch.x(6)), slope: 0.2)
          return [try sketch.convolve(sketch.graph.upsample(small, factor: 2, method: method))]
        },
        Case("enlarged by three: \(method)", ["\(method) upsampling"]) { sketch in
          [try sketch.graph.upsample(sketch.x(6), factor: 3, method: method)]
        },
        Case("enlarged twice: \(method)", [join, "\(method) upsampling"]) { sketch in
          let once = try sketch.graph.upsample(sketch.x(6), factor: 2, method: method)
          return [try sketch.graph.upsample(once, factor: 2, method: method)]
        },
      ]
    }

  @Test("fused and unfused programs agree", arguments: cases)
  func agreement(_ fusion: Case) throws {
    var sketch = Sketch()
    let outputs = try fusion.build(&sketch)
    let loss = try sketch.loss(of: outputs)
    let fused = try sketch.program(minimizing: loss, observing: outputs, fusing: true)
    let plain = try sketch.program(minimizing: loss, observing: outputs, fusing: false)
    #expect(fused.operationNames.starts(with: fusion.operations))
    #expect(Set(plain.operationNames).isDisjoint(with: [Self.terms, Self.normalized, Self.join]))

    // A sum of a few thousand outputs.
    #expect(abs(fused.forwardAndBackward() - plain.forwardAndBackward()) < 1e-3)
    for output in outputs {
      #expect(
        fused.value(of: output).largestError(against: plain.value(of: output)) < fusion.tolerance)
    }
    #expect(fused.parameterNames == plain.parameterNames)
    for name in plain.parameterNames {
      let error = try fused.gradient(name).largestError(against: plain.gradient(name))
      #expect(error < fusion.tolerance, "\(name)")
    }
  }
}

/// A graph in the making, whose parameters have numbers of their own.
struct Sketch {
  var graph = Graph()
  private var random = RandomSource(seed: 5)

  private mutating func parameter(_ shape: Shape, in range: Range<Float>) throws -> Graph.Node {
    try graph.parameter(
      "parameter \(graph.parameterNames.count)", initial: random.uniform(shape, in: range))
  }

  /// A picture, which is a parameter too.
  mutating func x(
    _ channels: Int, batch: Int = 1, height: Int = 26, width: Int = 24
  ) throws -> Graph.Node {
    try parameter([batch, channels, height, width], in: -1..<1)
  }

  /// As many channels as before.
  mutating func convolve(
    _ x: Graph.Node, kernel: Int = 3, stride: Int = 1, padding: Int? = nil,
    border: Border = .reflection, hasBias: Bool = false
  ) throws -> Graph.Node {
    let channels = x.shape[1]
    return try graph.convolve(
      x, weights: parameter([channels, channels, kernel, kernel], in: -0.3..<0.3),
      bias: hasBias ? parameter([channels], in: -1..<1) : nil, stride: stride,
      padding: padding ?? kernel / 2, border: border)
  }

  /// Normalised, and rectified where there is a slope.
  mutating func normalize(_ x: Graph.Node, slope: Float? = nil) throws -> Graph.Node {
    let channels: Shape = [x.shape[1]]
    let y = try graph.batchNormalize(
      x, scale: parameter(channels, in: 0.5..<1.5), shift: parameter(channels, in: -0.5..<0.5))
    return try slope.map { try graph.leakyReLU(y, slope: $0) } ?? y
  }

  /// Normalised branches, one at half the size and enlarged, and of two the first as large as x.
  mutating func join(
    _ branches: Int, of x: Graph.Node, method: UpsamplingMethod
  ) throws -> Graph.Node {
    let small = try normalize(convolve(x, stride: 2), slope: 0.2)
    let large = try graph.upsample(small, factor: 2, method: method)
    if branches == 1 { return large }
    return try graph.concatenate([normalize(convolve(x), slope: 0.2), large])
  }

  /// The sum of all numbers with weights at random.
  mutating func loss(of outputs: [Graph.Node]) throws -> Graph.Node {
    var loss: Graph.Node?
    for output in outputs {
      let weights = graph.constant(random.uniform(output.shape, in: -1..<1))
      let term = try graph.innerProduct(output, weights)
      loss = try loss.map { try graph.add($0, term) } ?? term
    }
    guard let loss else { preconditionFailure("nothing is observed") }
    return loss
  }

  func program(
    minimizing loss: Graph.Node, observing outputs: [Graph.Node], fusing: Bool
  ) throws -> Program {
    try Program(
      minimizing: loss, over: "parameter", in: graph, observing: outputs, fusing: fusing,
      threads: ThreadPool(threads: 1))
  }
}
