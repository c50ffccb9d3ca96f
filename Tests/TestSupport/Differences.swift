import Engine

extension Tensor {
  /// The largest difference to `expected`, over the root mean square of that. Infinite for another
  /// shape and where a number is not finite.
  package func largestError(against expected: Tensor) -> Double {
    differences(to: expected).map { $0.map { abs($0) }.max() ?? 0 } ?? .infinity
  }

  /// The root mean square of the differences to `expected`, over that of `expected`; infinite as
  /// ``largestError(against:)``.
  package func rootMeanSquareError(against expected: Tensor) -> Double {
    differences(to: expected).map { Self.rootMeanSquare($0) } ?? .infinity
  }

  private func differences(to expected: Tensor) -> [Double]? {
    guard shape == expected.shape, elements.allSatisfy(\.isFinite) else { return nil }
    let numbers = expected.elements.map(Double.init)
    let scale = max(Self.rootMeanSquare(numbers), .leastNormalMagnitude)
    return zip(elements, numbers).map { (Double($0) - $1) / scale }
  }

  private static func rootMeanSquare(_ numbers: [Double]) -> Double {
    (numbers.reduce(0) { $0 + $1 * $1 } / Double(numbers.count)).squareRoot()
  }
}
