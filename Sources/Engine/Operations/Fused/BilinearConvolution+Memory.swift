internal import CKernels

// Where the pieces of a bilinear convolution lie in scratch memory.
extension BilinearConvolution {
  /// The weights and the terms, or their gradients, as the parts have them.
  struct Slices {
    /// [K, C − P, 3, 3], [K, P, 3, 3], four times [K, C − P, 1, 3], [3, C − P] and [3, P].
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

    /// Fills the slices.
    func split(_ w: View, _ terms: View, _ parts: Parts) {
      let (ins, plainIns) = (parts.ins, parts.plainIns)
      for k in 0..<parts.outs {
        let source = w.elements + k * 9 * (plainIns + ins)
        (plain + k * 9 * plainIns).update(from: source, count: 9 * plainIns)
        (deep + k * 9 * ins).update(from: source + 9 * plainIns, count: 9 * ins)
      }
      for edge in 0..<4 {
        for kernel in 0..<parts.outs * ins {
          for j in 0..<3 {
            edges[edge * parts.edgeWeights + 3 * kernel + j] = deep[9 * kernel + tap(edge, j)]
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
        for edge in 0..<4 where hasEdges {
          for kernel in 0..<parts.outs * ins {
            for j in 0..<3 {
              deep[9 * kernel + tap(edge, j)] += edges[edge * parts.edgeWeights + 3 * kernel + j]
            }
          }
        }
        for k in 0..<parts.outs {
          let target = dw.elements + k * 9 * (plainIns + ins)
          target.update(from: plain + k * 9 * plainIns, count: 9 * plainIns)
          (target + 9 * plainIns).update(from: deep + k * 9 * ins, count: 9 * ins)
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
    let lines, lineGradients, rims, weights, gradients, end: Int

    init(_ parts: Parts) {
      lines = Placement.aligned(parts.outs * parts.plane)
      lineGradients = lines + Placement.aligned(4 * parts.line)
      rims = lineGradients + Placement.aligned(4 * parts.line)
      weights = rims + Placement.aligned(4 * parts.rim)
      gradients = weights + Slices.count(parts)
      end = gradients + Slices.count(parts)
    }
  }

  /// The scratch memory of a pass.
  struct Memory {
    /// [K, 2 H, 2 W]: the output before it is smoothed, or its gradient after.
    let large: UnsafeMutablePointer<Float>
    /// Four times [C − P, 1, length], and their gradients.
    let lines, lineGradients: UnsafeMutablePointer<Float>
    /// Four times [K, 1, length].
    let rims: UnsafeMutablePointer<Float>
    let weights, gradients: Slices
    /// Of the convolutions, or rows of the threads.
    let rest: UnsafeMutablePointer<Float>

    init(_ parts: Parts, _ scratch: UnsafeMutablePointer<Float>) {
      let layout = Layout(parts)
      large = scratch
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
  /// The tensors that all passes of the convolution of repeated pixels have in common.
  func deepTensors(_ x: View) -> pi_tensors {
    tensors(x, weights.deepTerms, weights.deep, gradients.deepTerms, gradients.deep)
  }

  /// Those of the plain channels.
  func plainTensors(_ x: View) -> pi_tensors {
    tensors(x, weights.plainTerms, weights.plain, gradients.plainTerms, gradients.plain)
  }

  private func tensors(
    _ x: View, _ terms: UnsafePointer<Float>, _ w: UnsafePointer<Float>,
    _ dterms: UnsafeMutablePointer<Float>, _ dw: UnsafeMutablePointer<Float>
  ) -> pi_tensors {
    var tensors = pi_tensors()
    tensors.x = pi_planes(values: x.elements, terms: terms, rectified: nil, slope: 1)
    (tensors.w, tensors.dw, tensors.dterms, tensors.out_slope) = (w, dw, dterms, 1)
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
    outputs.repeated = UnsafePointer(large)
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

  func smooth(
    _ plane: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>,
    _ parts: BilinearConvolution.Parts, _ thread: Int
  ) {
    let smoothing = pi_smoothing(
      height: Int32(parts.height), width: Int32(parts.width), side: PI_ENLARGING_SIDE,
      count: parts.outs * parts.plane)
    pi_smooth(smoothing, plane, 1, 0, 0, target, rest + thread * parts.rowRoom)
  }
}
