internal import CKernels

/// A 3×3 convolution of stride 1 of channels that are enlarged by two, bilinearly, computed on the small
/// picture.
///
/// Bilinear enlargement (half-pixel centres, clamped edges) is putting zeros between the pixels of the
/// picture, whose edges are repeated outside, and then the filter [1 3 3 1]/4 both ways, and a filter
/// commutes with the convolution: the picture with the zeros is convolved, of whose products three in four
/// need no computing (that is the adjoint of a convolution of stride 2), and what comes out is filtered.
/// With outermost pixels repeated outside that is exact. Reflection reads other lines there, one on each
/// side, by a difference that has one tap across the edge: a 1×3 convolution along it.
///
/// Inputs: x [1, C − P, H, W], weights [K, C, 3, 3]; where `hasBias`, a bias [K]; the
/// ``NormalizationTerms`` [3, C] through which all is read; where there are any, the P plain channels
/// [1, P, 2 H, 2 W], which come first. Output: [1, K, 2 H, 2 W].
package struct BilinearConvolution: Operation {
  /// Reflection or replication.
  package var border = Border.reflection
  package var hasBias = false
  package var hasPlain = false

  package var name: String { "bilinear convolution" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let (x, w) = (inputs[0], inputs[1])
    let plain = plainInput.map { inputs[$0] }
    guard x.rank == 4, w.rank == 4, x.batch == 1, x.height > 1, x.width > 1, border != .zero,
      w[1] == x.channels + (plain?.channels ?? 0), w[2] == 3, w[3] == 3,
      inputs[termsInput] == [3, w[1]], !hasBias || inputs[2] == [w[0]],
      plain.map({ $0 == [1, $0.channels, 2 * x.height, 2 * x.width] }) != false
    else { throw .shape(operation: name, problem: "\(inputs) do not fit each other") }
    return [1, w[0], 2 * x.height, 2 * x.width]
  }

  package var gathersMoments: Bool { true }

  package func addsToGradient(ofInput input: Int) -> Bool { input == 0 || input == plainInput }

  private var termsInput: Int { hasBias ? 3 : 2 }
  private var plainInput: Int? { hasPlain ? termsInput + 1 : nil }

  package func scratchCount(for inputs: [Shape], threads: Int) -> Int {
    let parts = Parts(border, inputs[0], inputs[1])
    return Layout(parts).end + parts.scratchCount(threads: threads)
  }

  /// Whether this is faster than the convolution of the enlarged tensor `[1, C, height, width]`.
  static func gains(
    _ convolution: Convolution, after plain: Int, height: Int, width: Int, _ w: Shape
  ) -> Bool {
    guard convolution.stride == 1, convolution.border != .zero, w[2] == 3, w[3] == 3,
      convolution.paddingHeight == 1, convolution.paddingWidth == 1, convolution.groups == 1,
      min(height, width) > 2
    else { return false }
    // Small pictures have few of the tiles that the strided convolution is computed in.
    return height * width >= fewestPixels
  }

  private static let fewestPixels = 50_000

  // MARK: Passes

  package func forward(_ pass: ForwardPass) {
    let (x, w, y) = (pass.inputs[0], pass.inputs[1], pass.output)
    let parts = Parts(border, x.shape, w.shape)
    let memory = Memory(parts, pass.scratch)
    memory.weights.split(w, pass.inputs[termsInput], parts)
    let bias = hasBias ? pass.inputs[2].elements : nil

    memory.extend(x, parts, pass.threads)
    parts.deep.run(pi_pass_data, memory.deepTensors, memory.rest, pass.threads)
    if border == .reflection {
      setLines(x, memory, parts, pass.threads)
      for edge in 0..<4 {
        var line = memory.lineTensors(edge, parts)
        line.y = memory.rims + edge * parts.rim
        parts.line(edge).run(pi_pass_forward, line, memory.rest, pass.threads)
      }
    }
    var whole = memory.outputs(parts, plain: plainInput.map { pass.inputs[$0] })
    (whole.bias, whole.y, whole.moments) = (UnsafePointer(bias), y.elements, y.moments)
    withUnsafePointer(to: whole) { whole in
      pass.threads.forEach(parts.pieces) { piece, thread in
        pi_bilinear_piece(whole, Int32(piece), memory.rest + thread * parts.pieceRoom)
      }
    }
  }

  package func pullback(_ pass: PullbackPass) {
    let (x, w, dy) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    let parts = Parts(border, x.shape, w.shape)
    let memory = Memory(parts, pass.scratch)
    memory.weights.split(w, pass.inputs[termsInput], parts)
    let (dx, dw) = (pass.inputGradients[0], pass.inputGradients[1])
    let dterms = pass.inputGradients[termsInput]
    let db = hasBias ? pass.inputGradients[2]?.elements : nil

    pass.threads.forEach(parts.outs) { k, thread in
      let sum = pi_bilinear_spread(
        dy.elements + k * parts.plane, Int32(parts.height), Int32(parts.width),
        parts.outs * parts.spreadPlane, memory.spread + k * parts.spreadPlane,
        memory.rest + thread * parts.rowRoom)
      db?[k] = Float(sum)
    }
    if dw != nil { memory.extend(x, parts, pass.threads) }
    let deep = memory.deepTensors
    let wantsData = dx != nil || dterms != nil
    parts.deep.run(
      pi_pass_forward, wantsData ? deep : nil, besideWeights: dw == nil ? nil : deep, memory.rest,
      pass.threads)
    if wantsData { memory.pullBackExtension(x, to: dx, adds: pass.adds[0], parts, pass.threads) }
    if border == .reflection { pullBackEdges(pass, memory, parts) }
    if let plainInput {
      let dplain = pass.inputGradients[plainInput]
      var plain = memory.plainTensors(pass.inputs[plainInput])
      plain.dy.values = UnsafePointer(dy.elements)
      var plainData = plain
      (plainData.dx, plainData.adds) = (dplain?.elements, pass.adds[plainInput] ? 1 : 0)
      parts.plain.run(
        pi_pass_data, dplain != nil || dterms != nil ? plainData : nil,
        besideWeights: dw == nil ? nil : plain, memory.rest, pass.threads)
    }
    memory.gradients.join(dw, dterms, parts, edges: border == .reflection)
  }

  private func setLines(_ x: View, _ memory: Memory, _ parts: Parts, _ threads: ThreadPool) {
    threads.forEach(4 * parts.ins) { index, thread in
      let (edge, c) = index.quotientAndRemainder(dividingBy: parts.ins)
      pi_edge_line(
        parts.edge(edge), x.elements + c * parts.smallPlane,
        memory.weights.deepTerms[parts.ins + c],
        memory.lines + edge * parts.line + c * parts.length(edge),
        memory.rest + thread * parts.rowRoom)
    }
  }

  /// The gradients through the differences between reflection and replication.
  private func pullBackEdges(_ pass: PullbackPass, _ memory: Memory, _ parts: Parts) {
    let (x, dy) = (pass.inputs[0], pass.outputGradient)
    setLines(x, memory, parts, pass.threads)
    pass.threads.forEach(parts.outs) { k in
      let from = dy.elements + k * parts.plane
      parts.forEachRimPixel { edge, i, pixel in
        memory.rims[edge * parts.rim + k * parts.length(edge) + i] = from[pixel]
      }
    }
    for edge in 0..<4 {
      var line = memory.lineTensors(edge, parts)
      line.dy.values = UnsafePointer(memory.rims + edge * parts.rim)
      line.dx = memory.lineGradients + edge * parts.line
      line.dw = memory.gradients.edges + edge * parts.edgeWeights
      parts.line(edge).run(
        pi_pass_data, line, besideWeights: pass.inputGradients[1] == nil ? nil : line, memory.rest,
        pass.threads)
    }
    let dx = pass.inputGradients[0]?.elements
    pass.threads.forEach(parts.ins) { c, thread in
      for edge in 0..<4 {
        let slope = pi_edge_line_pullback(
          parts.edge(edge), x.elements + c * parts.smallPlane,
          memory.weights.deepTerms[parts.ins + c],
          memory.lineGradients + edge * parts.line + c * parts.length(edge),
          dx.map { $0 + c * parts.smallPlane }, memory.rest + thread * parts.rowRoom)
        memory.gradients.deepTerms[parts.ins + c] += Float(slope)
      }
    }
  }

  package static let specimens: [Specimen] = [Border.reflection, .replication].flatMap { border in
    [
      Specimen(
        BilinearConvolution(border: border), [[1, 2, 3, 4], [3, 2, 3, 3], [3, 2]],
        values: [.uniform(-1...1), .uniform(-1...1), .terms(channels: 2)]),
      Specimen(
        BilinearConvolution(border: border, hasBias: true, hasPlain: true),
        [[1, 3, 5, 2], [4, 5, 3, 3], [4], [3, 5], [1, 2, 10, 4]],
        values: [
          .uniform(-1...1), .uniform(-1...1), .uniform(-1...1), .terms(channels: 5),
          .uniform(-1...1),
        ]),
      // Winograd's tiles in several blocks.
      Specimen(
        BilinearConvolution(border: border, hasPlain: true),
        [[1, 17, 28, 33], [18, 19, 3, 3], [3, 19], [1, 2, 56, 66]],
        values: [.uniform(-1...1), .uniform(-1...1), .terms(channels: 19), .uniform(-1...1)]),
    ]
  }
}
