/// Minimum, median and maximum of a measurement's rounds.
struct Spread {
  var minimum: Double
  var median: Double
  var maximum: Double

  /// - Precondition: there is a number.
  init(_ numbers: [Double]) {
    let sorted = numbers.sorted()
    let middle = sorted.count / 2
    (minimum, maximum) = (sorted[0], sorted[sorted.count - 1])
    median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// How many times the second number of each pair goes into the first.
  init(ratiosOf numbers: [Double], to others: [Double]) {
    self.init(zip(numbers, others).map { $0 / $1 })
  }
}
