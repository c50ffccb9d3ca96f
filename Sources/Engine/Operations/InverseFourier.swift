internal import CKernels
import Foundation

/// The real picture of a half spectrum, as PyTorch's `irfft2`: any sides, exact up to rounding.
///
/// Input: [2, C, H, W / 2 + 1], the real parts and then the imaginary ones, the rest of the spectrum
/// being their mirror image. Output: [1, C, H, W]. An axis of n points is a product with n × n cosines
/// and sines: n times the work of a fast transform's log n, at the speed of matrix products.
package struct InverseFourier: Operation {
  package let height: Int
  package let width: Int
  /// cos and sin of 2π k y / H, over H: [H, H], symmetric.
  private let rowCosines: Tensor
  private let rowSines: Tensor
  /// What the column f of the spectrum, which stands for its mirror image too, gives to x: [F, W].
  private let columnCosines: Tensor
  private let columnSines: Tensor

  package init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
    let angles = (rows: Self.angles(height), columns: Self.angles(width))
    func rows(_ function: (Double) -> Double) -> Tensor {
      Self.matrix(height, height) { k, y in
        function(angles.rows[k * y % height]) / Double(height)
      }
    }
    func columns(_ function: (Double) -> Double) -> Tensor {
      Self.matrix(width / 2 + 1, width) { f, x in
        let weight = Self.multiplicity(ofColumn: f, width: width)
        return Double(weight) * function(angles.columns[f * x % width]) / Double(width)
      }
    }
    (rowCosines, rowSines) = (rows { cos($0) }, rows { sin($0) })
    // The imaginary part of a column that is its own mirror image has no say.
    (columnCosines, columnSines) = (columns { cos($0) }, columns { sin($0) })
  }

  /// How many columns of the whole spectrum a column of the half stands for.
  package static func multiplicity(ofColumn f: Int, width: Int) -> Int {
    f == 0 || 2 * f == width ? 1 : 2
  }

  private static func angles(_ count: Int) -> [Double] {
    (0..<count).map { 2 * .pi * Double($0) / Double(count) }
  }

  private static func matrix(
    _ rows: Int, _ columns: Int, _ element: (Int, Int) -> Double
  ) -> Tensor {
    Tensor(
      [rows, columns],
      (0..<rows).flatMap { row in (0..<columns).map { Float(element(row, $0)) } })
  }

  package var name: String { "inverse Fourier transform" }

  package var pullbackReads: PullbackReads { [] }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let x = inputs[0]
    guard x.rank == 4, x[0] == 2, x.height == height, x.width == width / 2 + 1 else {
      throw .shape(
        operation: name,
        problem: "to \(height)×\(width) it needs [2, C, \(height), \(width / 2 + 1)], not \(x)")
    }
    return [1, x.channels, height, width]
  }

  package func scratchCount(for inputs: [Shape], threads: Int) -> Int { inputs[0].count }

  package func forward(_ pass: ForwardPass) {
    let (x, y, columns) = (pass.inputs[0], pass.output, width / 2 + 1)
    forEachBlock(x.shape.channels, pass.threads) { c, rows in
      let (real, imaginary) = (x.plane(0, c), x.plane(1, c))
      let z = Halves(pass.scratch, x.shape, c, rows)
      multiply(rows, columns, rowCosines, real, sine: (-1, rowSines, imaginary), into: z.real)
      multiply(rows, columns, rowSines, real, sine: (1, rowCosines, imaginary), into: z.imaginary)
      let target = y.plane(0, c) + rows.lowerBound * width
      columnCosines.withUnsafeElements {
        pi_product(rows.count, width, columns, 1, z.real, $0.baseAddress, 0, 0, target)
      }
      columnSines.withUnsafeElements {
        pi_product(rows.count, width, columns, -1, z.imaginary, $0.baseAddress, 0, 1, target)
      }
    }
  }

  package func pullback(_ pass: PullbackPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let (dy, columns) = (pass.outputGradient, width / 2 + 1)
    forEachBlock(dx.shape.channels, pass.threads) { c, rows in
      let dz = Halves(pass.scratch, dx.shape, c, rows)
      let source = dy.plane(0, c) + rows.lowerBound * width
      columnCosines.withUnsafeElements {
        pi_product(rows.count, columns, width, 1, source, $0.baseAddress, 1, 0, dz.real)
      }
      columnSines.withUnsafeElements {
        pi_product(rows.count, columns, width, -1, source, $0.baseAddress, 1, 0, dz.imaginary)
      }
    }
    forEachBlock(dx.shape.channels, pass.threads) { c, rows in
      let dz = Halves(pass.scratch, dx.shape, c, 0..<height)
      let start = rows.lowerBound * columns
      multiply(
        rows, columns, rowCosines, dz.real, sine: (1, rowSines, dz.imaginary),
        into: dx.plane(0, c) + start)
      multiply(
        rows, columns, rowCosines, dz.imaginary, sine: (-1, rowSines, dz.real),
        into: dx.plane(1, c) + start)
    }
  }

  /// Some rows of the real and the imaginary half of a channel's spectrum.
  private struct Halves {
    let real: UnsafeMutablePointer<Float>
    let imaginary: UnsafeMutablePointer<Float>

    init(_ start: UnsafeMutablePointer<Float>, _ shape: Shape, _ c: Int, _ rows: Range<Int>) {
      let plane = shape.height * shape.width
      real = start + c * plane + rows.lowerBound * shape.width
      imaginary = real + shape.channels * plane
    }
  }

  /// Rows of a · x + factor · b · y, with a and b [H, H].
  private func multiply(
    _ rows: Range<Int>, _ columns: Int, _ a: Tensor, _ x: UnsafeMutablePointer<Float>,
    sine: (factor: Float, b: Tensor, y: UnsafeMutablePointer<Float>),
    into target: UnsafeMutablePointer<Float>
  ) {
    for (matrix, factor, source, keeps) in [
      (a, 1, x, 0 as Float), (sine.b, sine.factor, sine.y, 1),
    ] {
      matrix.withUnsafeElements { elements in
        guard let start = elements.baseAddress else { return }
        pi_product(
          rows.count, columns, height, factor, start + rows.lowerBound * height, source, 0, keeps,
          target)
      }
    }
  }

  /// Calls `body` with blocks of rows of each channel.
  private func forEachBlock(
    _ channels: Int, _ threads: ThreadPool, _ body: (Int, Range<Int>) -> Void
  ) {
    let side = 64
    let blocks = (height + side - 1) / side
    threads.forEach(channels * blocks) { index in
      let (c, block) = index.quotientAndRemainder(dividingBy: blocks)
      body(c, block * side..<min(height, (block + 1) * side))
    }
  }

  package static let specimens = [(4, 6), (5, 7), (3, 8), (6, 5), (1, 1), (70, 3)].map {
    Specimen(InverseFourier(height: $0, width: $1), [[2, 2, $0, $1 / 2 + 1]])
  }
}

extension InverseFourier: CustomStringConvertible {
  package var description: String { "InverseFourier(height: \(height), width: \(width))" }
}

extension View {
  /// Where channel `c` of picture `n` of `[N, C, H, W]` begins.
  fileprivate func plane(_ n: Int, _ c: Int) -> UnsafeMutablePointer<Float> {
    elements + (n * shape.channels + c) * shape.height * shape.width
  }
}

extension Graph {
  /// The picture `[1, C, height, width]` whose spectrum's left half is `[2, C, height, width / 2 + 1]`, the
  /// real parts and then the imaginary ones, scaled as PyTorch's `irfft2` (1 / (height · width)).
  ///
  /// - Throws: ``EngineError/shape(operation:problem:)`` for another shape.
  public mutating func inverseFourier(
    _ spectrum: Node, height: Int, width: Int
  ) throws(EngineError) -> Node {
    try apply(InverseFourier(height: height, width: width), to: [spectrum])
  }
}
