import Engine
import Foundation

/// What a blur makes of a single point: its point spread function.
public struct BlurKernel: Sendable, Equatable {
  /// The kernels' sides are odd and at most this.
  public static let largestSide = 255

  public let height: Int
  public let width: Int
  /// Rows first; their sum is 1.
  public let values: [Float]

  /// Makes the kernel of numbers `[1, 1, height, width]`, such as a picture of the spread point; they are
  /// divided by their sum.
  ///
  /// - Throws: ``BlurKernelError`` where a side is even or too long, a number negative or none, or
  ///   all of them 0.
  public init(_ spread: Tensor) throws(BlurKernelError) {
    precondition(spread.shape.rank == 4 && spread.shape[0] == 1 && spread.shape[1] == 1)
    try self.init(
      height: spread.shape[2], width: spread.shape[3], spread.elements.map { Double($0) })
  }

  private init(
    height: Int, width: Int, _ numbers: [Double]
  ) throws(BlurKernelError) {
    guard height % 2 == 1, width % 2 == 1 else {
      throw .evenSides(width: width, height: height)
    }
    guard max(height, width) <= Self.largestSide else {
      throw .tooLarge(width: width, height: height)
    }
    guard numbers.allSatisfy({ $0 >= 0 && $0.isFinite }) else { throw .notWeights }
    let sum = numbers.reduce(0, +)
    guard sum > 0, sum.isFinite else { throw .black }
    (self.height, self.width) = (height, width)
    values = numbers.map { Float($0 / sum) }
  }

  /// A Gaussian, cut at four deviations.
  ///
  /// - Throws: ``BlurKernelError/parameter(_:_:above:limit:)`` unless the deviation is above 0 and up to
  ///   31 pixels.
  public static func gaussian(deviation: Double) throws(BlurKernelError) -> BlurKernel {
    try check("deviation", deviation, above: 0, limit: 31)
    let reach = Int((4 * deviation).rounded(.up))
    let row = (-reach...reach).map { offset in
      let distance = Double(offset) / deviation
      return exp(-distance * distance / 2)
    }
    return try BlurKernel(
      height: row.count, width: row.count, row.flatMap { y in row.map { y * $0 } })
  }

  /// The even disc into which a lens out of focus spreads a point.
  ///
  /// - Throws: ``BlurKernelError/parameter(_:_:above:limit:)`` unless the radius is above 0 and up to
  ///   127 pixels.
  public static func disc(radius: Double) throws(BlurKernelError) -> BlurKernel {
    try check("radius", radius, above: 0, limit: 127)
    let reach = max(0, Int((radius - 0.5).rounded(.up)))
    // Of each pixel as much counts as the disc covers, measured at some points.
    let points = 32
    let offsets = (0..<points).map { (Double($0) + 0.5) / Double(points) - 0.5 }
    let numbers = (-reach...reach).flatMap { y in
      (-reach...reach).map { x in
        let covered = offsets.reduce(0) { sum, dy in
          let side = radius * radius - (Double(y) + dy) * (Double(y) + dy)
          return sum + offsets.count { (Double(x) + $0) * (Double(x) + $0) <= side }
        }
        return Double(covered)
      }
    }
    return try BlurKernel(height: 2 * reach + 1, width: 2 * reach + 1, numbers)
  }

  /// The straight line along which a moving camera spreads a point.
  ///
  /// `angle` is in degrees, counterclockwise from the rows' direction.
  /// - Throws: ``BlurKernelError/parameter(_:_:above:limit:)`` unless the length is 1 to 255 pixels and
  ///   the angle −360 to 360.
  public static func motion(
    length: Double, angle: Double
  ) throws(BlurKernelError) -> BlurKernel {
    // A length below a pixel is no motion.
    try check("length", length, above: 1.0.nextDown, limit: 255)
    try check("angle", angle, above: (-360.0).nextDown, limit: 360)
    let (dx, dy) = (cos(angle * .pi / 180), -sin(angle * .pi / 180))
    func reach(_ direction: Double) -> Int {
      // So that a line along a row has no other rows, though sin π is not quite 0.
      Int((abs(direction) * length / 2 - 0.5 - 1e-9).rounded(.up))
    }
    let (rows, columns) = (max(0, reach(dy)), max(0, reach(dx)))
    let width = 2 * columns + 1
    var numbers = [Double](repeating: 0, count: (2 * rows + 1) * width)
    // Each pixel counts as much as the line is long in it, measured at points of the line.
    let points = 64 * Int(length.rounded(.up))
    for point in 0..<points {
      let place = ((Double(point) + 0.5) / Double(points) - 0.5) * length
      let y = min(max(Int((place * dy).rounded()), -rows), rows)
      let x = min(max(Int((place * dx).rounded()), -columns), columns)
      numbers[(y + rows) * width + x + columns] += 1
    }
    return try BlurKernel(height: 2 * rows + 1, width: width, numbers)
  }

  private static func check(
    _ name: String, _ value: Double, above low: Double, limit: Double
  ) throws(BlurKernelError) {
    guard value > low, value <= limit else {
      throw .parameter(name, value, above: low, limit: limit)
    }
  }

  /// One `[channels, 1, height, width]` a channel, turned by 180°, for what is called convolution
  /// in networks does not turn them.
  func weights(channels: Int) -> Tensor {
    let turned = Array(values.reversed())
    return Tensor(
      [channels, 1, height, width], (0..<channels).flatMap { _ in turned })
  }
}

/// Why a kernel does not serve.
public enum BlurKernelError: Error, Equatable, Sendable, CustomStringConvertible {
  case evenSides(width: Int, height: Int)
  case tooLarge(width: Int, height: Int)
  case notWeights
  case black
  case parameter(String, Double, above: Double, limit: Double)

  public var description: String {
    switch self {
    case .evenSides(let width, let height):
      "the kernel has \(width)×\(height) pixels and so none in its middle; give one of odd sides"
    case .tooLarge(let width, let height):
      "the kernel has \(width)×\(height) pixels; give one of at most "
        + "\(BlurKernel.largestSide) a side"
    case .notWeights: "the kernel has negative or no numbers; give one of numbers from 0 on"
    case .black: "the kernel is black everywhere; give a picture of what a white point becomes"
    case .parameter(let name, let value, let low, let limit):
      "cannot blur by a \(name) of \(value); give one "
        + (low == low.rounded() ? "above \(low) and up to" : "from \(low.nextUp) to") + " \(limit)"
    }
  }
}
