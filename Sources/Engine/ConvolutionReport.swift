internal import CKernels

/// How a program computes the convolutions of one shape.
public struct ConvolutionReport: Sendable, Hashable, Codable {
  /// `[N, C, H, W]`.
  public let input: [Int]
  /// Whether channels are read as if they were enlarged, from a picture of half the size.
  public let enlarges: Bool
  /// `[N, K, H', W']`.
  public let output: [Int]
  /// Rows and columns.
  public let kernel: [Int]
  public let stride: Int
  public let groups: Int
  /// How positions outside the picture are read; `nil` where none are.
  public let border: Border?
  /// The algorithm of the forward pass.
  public let forward: String
  /// The algorithm of the gradient to the data; `nil` where nobody wants it.
  public let data: String?
  /// The algorithm of the gradient to the weights; `nil` where nobody wants it.
  public let weights: String?
  /// How many convolutions these are.
  public fileprivate(set) var count = 1

  /// The floating-point operations of an iteration in all of them, if they were computed directly.
  public var operations: Int {
    let passes = [forward, data, weights].count { $0 != nil }
    let products = output.reduce(1, *) * input[1] / groups * kernel[0] * kernel[1]
    return 2 * products * passes * count
  }
}

extension [ConvolutionReport] {
  /// The floating-point operations of all convolutions in an iteration, if they were computed directly.
  public var operations: Int { reduce(0) { $0 + $1.operations } }
}

extension ConvolutionReport: CustomStringConvertible {
  public var description: String {
    let shape = ["\(count) × \(Shape(input)) → \(Shape(output))", "\(kernel[0])×\(kernel[1])"]
    let options = [
      stride == 1 ? nil : "stride \(stride)", groups == 1 ? nil : "\(groups) groups",
      border?.rawValue, enlarges ? "enlarging" : nil,
    ]
    let passes = [("forward", forward), ("data", data), ("weights", weights)]
      .compactMap { name, algorithm in algorithm.map { "\(name) \($0)" } }
    return (shape + options.compactMap { $0 }).joined(separator: ", ") + ": "
      + passes.joined(separator: ", ")
  }
}

extension ConvolutionReport {
  /// The convolutions of a plan in the order in which their shapes are met.
  static func all(in graph: Graph, by plan: ProgramPlan) -> [ConvolutionReport] {
    let wanted = Dictionary(
      uniqueKeysWithValues: plan.backward.map { step in
        (step.node, step.contributions.map { if case .none = $0 { false } else { true } })
      })
    var reports: [ConvolutionReport] = []
    var counts: [ConvolutionReport: Int] = [:]
    for node in plan.forward {
      guard case .operation(let operation, let inputs) = graph.sources[node] else { continue }
      let shapes = inputs.map(\.shape)
      let bilinear = operation as? BilinearConvolution
      let enlarging = bilinear?.enlarging(plain: shapes[1][1] - shapes[0].channels)
      guard let convolution = operation as? Convolution ?? enlarging else { continue }
      let report = ConvolutionReport(
        convolution, of: bilinear, shapes, graph.nodes[node].shape, wanted: wanted[node] ?? [])
      if counts[report] == nil { reports.append(report) }
      counts[report, default: 0] += 1
    }
    for index in reports.indices { reports[index].count = counts[reports[index]] ?? 1 }
    return reports
  }

  /// Of one convolution. `wanted` tells whether there is a gradient to each input; it may be empty.
  private init(
    _ operation: Convolution, of bilinear: BilinearConvolution?, _ inputs: [Shape], _ output: Shape,
    wanted: [Bool]
  ) {
    let geometry = operation.geometry(of: inputs[0], inputs[1])
    let inner = bilinear.map { BilinearConvolution.Parts($0.border, inputs[0], inputs[1]).deep }
    func algorithm(_ pass: pi_pass, inside innerPass: pi_pass) -> String {
      withUnsafePointer(to: inner?.plan(innerPass) ?? geometry.plan(pass)) {
        (inner == nil ? "" : "smoothed ") + String(cString: pi_convolution_algorithm($0))
      }
    }
    input = [
      inputs[0].batch, Int(geometry.channels), Int(geometry.height), Int(geometry.width),
    ]
    enlarges = operation.enlarges != nil
    self.output = output.extents
    kernel = Array(inputs[1].extents[2...])
    stride = operation.stride
    groups = operation.groups
    let isPadded = operation.paddingHeight + operation.paddingWidth > 0
    border = isPadded ? operation.border : nil
    forward = algorithm(pi_pass_forward, inside: pi_pass_data)
    // Behind the weights and the bias are terms and channels of the full size.
    let parameters = 1..<(operation.hasBias ? 3 : 2)
    func wants(_ isParameter: Bool) -> Bool {
      wanted.indices.contains { wanted[$0] && parameters.contains($0) == isParameter }
    }
    data = wants(false) ? algorithm(pi_pass_data, inside: pi_pass_forward) : nil
    weights = wants(true) ? algorithm(pi_pass_weights, inside: pi_pass_weights) : nil
  }
}
