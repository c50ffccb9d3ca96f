internal import CKernels

// What a bilinear convolution is made of.
extension BilinearConvolution {
  /// What it computes: the convolution of the enlarged tensor.
  func enlarging(plain: Int) -> Convolution {
    var convolution = Convolution(
      paddingHeight: 1, paddingWidth: 1, border: border, hasBias: hasBias)
    convolution.enlarges = plain
    return convolution
  }

  /// The convolutions inside and the sizes of what they read and write.
  struct Parts {
    /// The convolution of stride 2 whose adjoint spreads the small picture (its input are the spread planes),
    /// and that of the plain channels.
    let deep, plain: pi_convolution
    let outs, ins, plainIns: Int
    /// Of the output.
    let height, width: Int

    init(_ border: Border, _ x: Shape, _ w: Shape) {
      (outs, ins, plainIns) = (w[0], x.channels, w[1] - x.channels)
      (height, width) = (2 * x.height, 2 * x.width)
      var convolution = Convolution(paddingHeight: 1, paddingWidth: 1, border: border)
      // There may be no plain channels, but no shape is empty.
      var plain = convolution.geometry(of: [1, 1, height, width], [outs, 1, 3, 3])
      plain.channels = Int32(plainIns)
      self.plain = plain
      (convolution.border, convolution.stride) = (.zero, 2)
      deep = convolution.geometry(of: [1, outs, height + 4, width + 4], [ins, outs, 3, 3])
    }

    /// Numbers of a plane of the output and of x, spread and extended.
    var plane: Int { height * width }
    var smallPlane: Int { plane / 4 }
    var spreadPlane: Int { (height + 4) * (width + 4) }
    var extendedPlane: Int { spreadPlane / 4 }
    /// Numbers along the longest edge, of all outputs and of all channels of x.
    var rim: Int { outs * max(height, width) }
    var line: Int { ins * max(height, width) }
    /// Numbers of the weights along an edge.
    var edgeWeights: Int { outs * ins * 3 }

    /// The pieces of the work on the output.
    var pieces: Int { (outs + Int(PI_BILINEAR_OUTS) - 1) / Int(PI_BILINEAR_OUTS) }
    /// Scratch memory of such a piece, and of work on rows.
    var pieceRoom: Int {
      var geometry = pi_bilinear()
      (geometry.width, geometry.plain_channels) = (Int32(width), Int32(plainIns))
      return Placement.aligned(withUnsafePointer(to: geometry) { pi_bilinear_scratch($0) })
    }
    var rowRoom: Int { Placement.aligned(3 * max(height, width) + 12) }

    /// Edges are top, bottom, left, right: how long the output's is.
    func length(_ edge: Int) -> Int { edge < 2 ? width : height }

    /// The edge as it lies in a plane of x.
    func edge(_ edge: Int) -> pi_edge {
      let (rows, columns) = (height / 2, width / 2)
      return switch edge {
      case 0: pi_edge(count: columns, outer: 0, inner: columns, step: 1)
      case 1:
        pi_edge(
          count: columns, outer: (rows - 1) * columns, inner: (rows - 2) * columns, step: 1)
      case 2: pi_edge(count: rows, outer: 0, inner: 1, step: columns)
      default: pi_edge(count: rows, outer: columns - 1, inner: columns - 2, step: columns)
      }
    }

    /// The convolution along an edge. Of the two directions one has to leave the corners to the other.
    func line(_ edge: Int) -> pi_convolution {
      var geometry = plain
      geometry.channels = Int32(ins)
      (geometry.height, geometry.out_height) = (1, 1)
      (geometry.width, geometry.out_width) = (Int32(length(edge)), Int32(length(edge)))
      (geometry.kernel_height, geometry.padding_height) = (1, 0)
      if edge >= 2 { geometry.border = pi_border_replication }
      return geometry
    }

    /// The pixels of the output's rim: the edge, the place along it, the place in the plane.
    func forEachRimPixel(_ body: (_ edge: Int, _ i: Int, _ pixel: Int) -> Void) {
      for i in 0..<width {
        body(0, i, i)
        body(1, i, plane - width + i)
      }
      for i in 0..<height {
        body(2, i, i * width)
        body(3, i, i * width + width - 1)
      }
    }

    /// Scratch memory of the convolutions, or rows of each thread.
    func scratchCount(threads: Int) -> Int {
      var most = max(deep.scratchCount(threads: threads), threads * max(rowRoom, pieceRoom))
      if plainIns > 0 { most = max(most, plain.scratchCount(threads: threads)) }
      for edge in [0, 2] { most = max(most, line(edge).scratchCount(threads: threads)) }
      return most
    }
  }
}
