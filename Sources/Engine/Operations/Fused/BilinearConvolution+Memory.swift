internal import CKernels

// Where the pieces of a bilinear convolution lie in scratch memory.
extension BilinearConvolution {
  /// The weights and the terms, or their gradients, as the parts have them.
  struct Slices {
    /// [C − P, K, 3, 3], turned by half a turn, [K, P, 3, 3], four times [K, C − P, 1, 3], [3, C − P] and
    /// [3, P].
    let deep, plain, edges, deepTerms, plainTerms: UnsafeMutablePointer<Float>

    static func count(_ parts: Parts) -> Int {
      Placement.aligned(9 * parts.outs * parts.ins)
        + Placement.aligned(9 * parts.outs * parts.plainIns)
        + Placement.aligned(4 * parts.edgeWeights) + Placement.aligned(3 * parts.ins)
        + Placement.aligned(3 * parts.plainIns)
    }

    init(_ parts: Parts, _ memory: UnsafeMutablePointer<Float>) {
      deep = memory
      plain = deep + Placement.aligned(9 * parts.outs * parts.ins)
      edges = plain + Placement.aligned(9 * parts.outs * parts.plainIns)
      deepTerms = edges + Placement.aligned(4 * parts.edgeWeights)
      plainTerms = deepTerms + Placement.aligned(3 * parts.ins)
    }

    /// Where tap `j` along an edge is among the nine of a kernel.
    private func tap(_ edge: Int, _ j: Int) -> Int {
      switch edge {
      case 0: j
      case 1: 6 + j
      case 2: 3 * j
      default: 3 * j + 2
      }
    }

    /// Where tap `tap` of the kernel of an output and a channel lies in `deep`.
    private func place(_ k: Int, _ c: Int, _ tap: Int, _ parts: Parts) -> Int {
      9 * (c * parts.outs + k) + 8 - tap
    }

    /// Fills the slices.
    func split(_ w: View, _ terms: View, _ parts: Parts) {
      let (ins, plainIns) = (parts.ins, parts.plainIns)
      for k in 0..<parts.outs {
        let source = w.elements + k * 9 * (plainIns + ins)
        (plain + k * 9 * plainIns).update(from: source, count: 9 * plainIns)
        for c in 0..<ins {
          let kernel = source + 9 * (plainIns + c)
          for i in 0..<9 { deep[place(k, c, i, parts)] = kernel[i] }
          for edge in 0..<4 {
            let along = edges + edge * parts.edgeWeights + 3 * (k * ins + c)
            for j in 0..<3 { along[j] = kernel[tap(edge, j)] }
          }
        }
      }
      for row in 0..<3 {
        let source = terms.elements + row * (plainIns + ins)
        (plainTerms + row * plainIns).update(from: source, count: plainIns)
        (deepTerms + row * ins).update(from: source + plainIns, count: ins)
      }
    }

    /// Gathers gradients from the slices; those that the edges' convolutions leave are added.
    func join(_ dw: View?, _ dterms: View?, _ parts: Parts, edges hasEdges: Bool) {
      let (ins, plainIns) = (parts.ins, parts.plainIns)
      if let dw {
        for k in 0..<parts.outs {
          let target = dw.elements + k * 9 * (plainIns + ins)
          target.update(from: plain + k * 9 * plainIns, count: 9 * plainIns)
          for c in 0..<ins {
            let kernel = target + 9 * (plainIns + c)
            for i in 0..<9 { kernel[i] = deep[place(k, c, i, parts)] }
            for edge in 0..<4 where hasEdges {
              let along = edges + edge * parts.edgeWeights + 3 * (k * ins + c)
              for j in 0..<3 { kernel[tap(edge, j)] += along[j] }
            }
          }
        }
      }
      if let dterms {
        for row in 0..<3 {
          let target = dterms.elements + row * (plainIns + ins)
          target.update(from: plainTerms + row * plainIns, count: plainIns)
          (target + plainIns).update(from: deepTerms + row * ins, count: ins)
        }
      }
    }
  }

  /// Where everything lies in the scratch memory of a pass.
  struct Layout {
    let small, smallGradient, lines, lineGradients, rims, weights, gradients, end: Int

    init(_ parts: Parts) {
      small = Placement.aligned(parts.outs * parts.spreadPlane)
      smallGradient = small + Placement.aligned(parts.ins * parts.extendedPlane)
      lines = smallGradient + Placement.aligned(parts.ins * parts.extendedPlane)
      lineGradients = lines + Placement.aligned(4 * parts.line)
      rims = lineGradients + Placement.aligned(4 * parts.line)
      weights = rims + Placement.aligned(4 * parts.rim)
      gradients = weights + Slices.count(parts)
      end = gradients + Slices.count(parts)
    }
  }

  /// The scratch memory of a pass.
  struct Memory {
    /// [K, 2 H + 4, 2 W + 4]: the output before it is filtered, or the gradient of that.
    let spread: UnsafeMutablePointer<Float>
    /// [C − P, H + 2, W + 2]: x through its terms, extended by a pixel; and the gradient of that.
    let small, smallGradient: UnsafeMutablePointer<Float>
    /// Four times [C − P, 1, length], and their gradients.
    let lines, lineGradients: UnsafeMutablePointer<Float>
    /// Four times [K, 1, length].
    let rims: UnsafeMutablePointer<Float>
    let weights, gradients: Slices
    /// Of the convolutions, or rows of the threads.
    let rest: UnsafeMutablePointer<Float>

    init(_ parts: Parts, _ scratch: UnsafeMutablePointer<Float>) {
      let layout = Layout(parts)
      spread = scratch
      small = scratch + layout.small
      smallGradient = scratch + layout.smallGradient
      lines = scratch + layout.lines
      lineGradients = scratch + layout.lineGradients
      rims = scratch + layout.rims
      weights = Slices(parts, scratch + layout.weights)
      gradients = Slices(parts, scratch + layout.gradients)
      rest = scratch + layout.end
    }
  }
}

extension BilinearConvolution.Memory {
  /// The tensors of the strided convolution in all passes: forward of ours is the pass to its data.
  var deepTensors: pi_tensors {
    var tensors = pi_tensors()
    tensors.x.values = UnsafePointer(spread)
    tensors.dy.values = UnsafePointer(small)
    (tensors.w, tensors.dw) = (UnsafePointer(weights.deep), gradients.deep)
    (tensors.dx, tensors.y, tensors.out_slope) = (spread, smallGradient, 1)
    return tensors
  }

  /// Those of the plain channels.
  func plainTensors(_ x: View) -> pi_tensors {
    var tensors = pi_tensors()
    tensors.x = pi_planes(
      values: x.elements, terms: weights.plainTerms, rectified: nil, slope: 1)
    (tensors.w, tensors.dw) = (UnsafePointer(weights.plain), gradients.plain)
    (tensors.dterms, tensors.out_slope) = (gradients.plainTerms, 1)
    return tensors
  }

  /// Those along an edge.
  func lineTensors(_ edge: Int, _ parts: BilinearConvolution.Parts) -> pi_tensors {
    var tensors = pi_tensors()
    tensors.x.values = UnsafePointer(lines + edge * parts.line)
    tensors.w = UnsafePointer(weights.edges + edge * parts.edgeWeights)
    tensors.out_slope = 1
    return tensors
  }

  /// The work on the output but for its bias and where it goes.
  func outputs(_ parts: BilinearConvolution.Parts, plain: View?) -> pi_bilinear {
    var outputs = pi_bilinear()
    outputs.outs = Int32(parts.outs)
    (outputs.height, outputs.width) = (Int32(parts.height), Int32(parts.width))
    outputs.spread = UnsafePointer(spread)
    if parts.plain.border == pi_border_reflection {
      func rim(_ edge: Int) -> UnsafePointer<Float> { UnsafePointer(rims + edge * parts.rim) }
      outputs.rims = (rim(0), rim(1), rim(2), rim(3))
    }
    guard let plain else { return outputs }
    outputs.plain_channels = Int32(parts.plainIns)
    outputs.border = parts.plain.border
    outputs.plain = UnsafePointer(plain.elements)
    outputs.terms = UnsafePointer(weights.plainTerms)
    outputs.weights = UnsafePointer(weights.plain)
    return outputs
  }

  /// Sets `small`.
  func extend(_ x: View, _ parts: BilinearConvolution.Parts, _ threads: ThreadPool) {
    threads.forEach(parts.ins) { c in
      pi_extend(
        x.elements + c * parts.smallPlane, Int32(parts.height / 2), Int32(parts.width / 2),
        pi_reading(of: weights.deepTerms, channels: parts.ins, c), small + c * parts.extendedPlane)
    }
  }

  /// The gradients of x and of its terms from that of `small`.
  func pullBackExtension(
    _ x: View, to dx: View?, adds: Bool, _ parts: BilinearConvolution.Parts, _ threads: ThreadPool
  ) {
    threads.forEach(parts.ins) { c in
      let reading = pi_reading(of: weights.deepTerms, channels: parts.ins, c)
      var sums = (0.0, 0.0)
      withUnsafeMutableBytes(of: &sums) {
        pi_extend_pullback(
          smallGradient + c * parts.extendedPlane, x.elements + c * parts.smallPlane,
          Int32(parts.height / 2), Int32(parts.width / 2), reading, adds ? 1 : 0,
          (dx?.elements).map { $0 + c * parts.smallPlane },
          $0.assumingMemoryBound(to: Double.self).baseAddress)
      }
      reading.setGradient(of: gradients.deepTerms, channels: parts.ins, c, sums)
    }
  }
}
