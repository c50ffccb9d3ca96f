import Engine
import TestSupport
import Testing

/// Pooling against plain loops, in rows long enough for windows to be taken side by side. The numbers are
/// small and whole, so that all sums are exact and every comparison is of equals.
@Suite struct PoolingTests {
  private static func cases(_ kind: Pooling.Kind) -> [Pooling] {
    [
      Pooling(kind: kind, kernel: 2, stride: 2, rounding: .ceiling),
      Pooling(kind: kind, kernel: 2, stride: 2, padding: 1),
      Pooling(kind: kind, kernel: 3, stride: 2, rounding: .ceiling),
      Pooling(kind: kind, kernel: 3, stride: 2, padding: 1),
      Pooling(
        kind: kind, kernel: 3, stride: 2, padding: 1, rounding: .ceiling, countsPadding: false),
      Pooling(kind: kind, kernel: 3, stride: 1, padding: 1),
    ]
  }

  @Test(
    "of equals the first is the maximum, and of what is no number the last",
    arguments: cases(.maximum), [1, 2, 3, 17, 36, 75])
  func maximum(_ pooling: Pooling, width: Int) throws {
    let numbers = Tensor.hashed("pooled", [1, 1, 7, width], in: 0..<24).elements
    let x = Tensor([1, 1, 7, width], numbers.map { $0 < 1 ? .nan : Float(Int($0) % 4) })
    try check(pooling, of: x) { window, _ in
      var best = window[0]
      for next in window where next.value > best.value || next.value.isNaN { best = next }
      return (best.value, [(1, best.place)])
    }
  }

  @Test("averages", arguments: cases(.average), [1, 2, 3, 17, 36, 75])
  func average(_ pooling: Pooling, width: Int) throws {
    let numbers = Tensor.hashed("pooled", [1, 1, 7, width], in: 0..<24).elements
    try check(pooling, of: Tensor([1, 1, 7, width], numbers.map { Float(Int($0)) })) {
      window, size in
      let share = 1 / Float(pooling.countsPadding ? size : window.count)
      return (window.reduce(0) { $0 + $1.value } * share, window.map { (share, $0.place) })
    }
  }

  /// Compares the outputs, and the gradient where they are weighted 1, 2, 3, …, with what `plain` makes of
  /// each window and its size within the padding: a value, and the places and shares of its gradient.
  private func check(
    _ pooling: Pooling, of x: Tensor,
    plain: (_ window: [(value: Float, place: Int)], _ size: Int) -> (
      value: Float, shares: [(share: Float, place: Int)]
    )
  ) throws {
    guard let shape = try? pooling.outputShape(for: [x.shape]) else { return }
    var graph = Graph()
    let output = try graph.apply(pooling, to: [graph.parameter("x", initial: x)])
    let weights = Tensor(shape, (0..<shape.count).map { Float($0 + 1) })
    let program = try Program(
      minimizing: graph.innerProduct(output, graph.constant(weights)), over: "x", in: graph,
      observing: [output], threads: ThreadPool(threads: 1))
    program.forwardAndBackward()

    let numbers = x.elements
    let (height, width) = (x.shape[2], x.shape[3])
    func span(_ position: Int, _ kernel: Int, _ extent: Int) -> (inside: Range<Int>, size: Int) {
      let start = position * pooling.stride - pooling.padding
      let size = min(start + kernel, extent + pooling.padding) - start
      return (max(start, 0)..<min(start + kernel, extent), size)
    }
    var values: [Float] = []
    var gradient = [Float](repeating: 0, count: numbers.count)
    for row in 0..<shape[2] {
      for column in 0..<shape[3] {
        let rows = span(row, pooling.kernelHeight, height)
        let columns = span(column, pooling.kernelWidth, width)
        let places = rows.inside.flatMap { row in columns.inside.map { row * width + $0 } }
        let (value, shares) = plain(places.map { (numbers[$0], $0) }, rows.size * columns.size)
        values.append(value)
        for (share, place) in shares { gradient[place] += Float(values.count) * share }
      }
    }
    #expect(program.value(of: output).elements.map(\.bitPattern) == values.map(\.bitPattern))
    #expect(try program.gradient("x").elements == gradient)
  }
}
