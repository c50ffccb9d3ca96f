internal import CKernels

/// A separable linear map of each channel, computed a row and a column at a time: how pictures are
/// shrunk.
package struct Resampling: Operation, CustomStringConvertible {
  package let name: String
  /// What makes the rows of the output of those of the input.
  package let rows: FilterMatrix
  package let columns: FilterMatrix

  package var description: String {
    "\(name) of \(rows.sources)×\(columns.sources) to \(rows.targets)×\(columns.targets)"
  }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    guard x.rank == 4, x.height == rows.sources, x.width == columns.sources else {
      throw .shape(
        operation: name,
        problem: "needs [N, C, \(rows.sources), \(columns.sources)], not \(x)")
    }
    return [x.batch, x.channels, rows.targets, columns.targets]
  }

  package func scratchCount(for inputs: [Shape], threads: Int) -> Int {
    rows.sources * columns.targets * threads
  }

  package func forward(_ pass: ForwardPass) {
    run(pass.inputs[0], pass.output, pass.scratch, pass.threads) { rows, columns, x, y, scratch in
      pi_resample(rows, columns, x, y, scratch)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    run(dx, pass.outputGradient, pass.scratch, pass.threads) { rows, columns, dx, dy, scratch in
      pi_resample_adjoint(rows, columns, dy, dx, scratch)
    }
  }

  private func run(
    _ source: View, _ target: View, _ scratch: UnsafeMutablePointer<Float>, _ threads: ThreadPool,
    _ body: (
      UnsafePointer<pi_axis>, UnsafePointer<pi_axis>, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    let (sources, targets) = (rows.sources * columns.sources, rows.targets * columns.targets)
    let room = rows.sources * columns.targets
    rows.withAxis { rows in
      columns.withAxis { columns in
        threads.forEach(source.shape.batch * source.shape.channels) { plane, thread in
          body(
            rows, columns, source.elements + plane * sources, target.elements + plane * targets,
            scratch + thread * room)
        }
      }
    }
  }

  package static let specimens: [Specimen] =
    DownsamplingFilter.allCases.flatMap { filter in
      [
        Specimen(shrinking(8, 10, 4, 5, filter), [[1, 2, 8, 10]]),
        Specimen(shrinking(9, 7, 6, 4, filter), [[1, 1, 9, 7]]),
      ]
    } + [
      Specimen(shrinking(8, 12, 2, 3, .lanczos2), [[2, 1, 8, 12]]),
      Specimen(shrinking(9, 7, 3, 2, .lanczos3), [[1, 1, 9, 7]]),
      Specimen(shrinking(5, 4, 5, 1, .bicubic), [[1, 2, 5, 4]]),
    ]

  private static func shrinking(
    _ height: Int, _ width: Int, _ toHeight: Int, _ toWidth: Int, _ filter: DownsamplingFilter
  ) -> Resampling {
    Resampling(filter, from: (height, width), to: (toHeight, toWidth), factors: nil)
  }

  /// - Precondition: the target's sides are positive and at most the source's.
  fileprivate init(
    _ filter: DownsamplingFilter, from source: (height: Int, width: Int),
    to target: (height: Int, width: Int), factors: (Double, Double)?
  ) {
    let (down, across) =
      factors
      ?? (
        Double(source.height) / Double(target.height), Double(source.width) / Double(target.width)
      )
    name = "\(filter) downsampling"
    rows = FilterMatrix(
      from: source.height, to: target.height, factor: down, filter: filter)
    columns = FilterMatrix(
      from: source.width, to: target.width, factor: across, filter: filter)
  }
}

extension FilterMatrix {
  fileprivate func withAxis(_ body: (UnsafePointer<pi_axis>) -> Void) {
    positions.withUnsafeBufferPointer { positions in
      weights.withUnsafeBufferPointer { weights in
        let axis = pi_axis(
          sources: Int32(sources), targets: Int32(targets), taps: Int32(taps),
          positions: positions.baseAddress, weights: weights.baseAddress)
        withUnsafePointer(to: axis, body)
      }
    }
  }
}

extension Graph {
  /// Shrinks `[N, C, H, W]` by a whole factor through a filter, to `[N, C, H / factor, W / factor]`,
  /// rounded down (up, with filters that are centred).
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where x is no picture, or smaller than the
  ///   factor.
  public mutating func downsample(
    _ x: Node, factor: Int, filter: DownsamplingFilter
  ) throws(EngineError) -> Node {
    guard x.shape.rank == 4, factor >= 1, factor <= min(x.shape[2], x.shape[3]) else {
      throw .shape(
        operation: "\(filter) downsampling", problem: "cannot shrink \(x.shape) by \(factor)")
    }
    let (height, width) = (x.shape[2], x.shape[3])
    let resampling = Resampling(
      filter, from: (height, width),
      to: (filter.extent(of: height, factor: factor), filter.extent(of: width, factor: factor)),
      factors: (Double(factor), Double(factor)))
    return try apply(resampling, to: [x])
  }

  /// Shrinks `[N, C, H, W]` to `[N, C, height, width]` through a filter; the factors, which need not be
  /// whole, are the quotients of the sides.
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` where x is no picture, or smaller than that.
  public mutating func downsample(
    _ x: Node, toHeight height: Int, width: Int, filter: DownsamplingFilter
  ) throws(EngineError) -> Node {
    guard x.shape.rank == 4, (1...max(1, x.shape[2])).contains(height),
      (1...max(1, x.shape[3])).contains(width)
    else {
      throw .shape(
        operation: "\(filter) downsampling",
        problem: "cannot shrink \(x.shape) to \(height)×\(width)")
    }
    let resampling = Resampling(
      filter, from: (x.shape[2], x.shape[3]), to: (height, width), factors: nil)
    return try apply(resampling, to: [x])
  }
}
