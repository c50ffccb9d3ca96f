import Engine

/// The passes of a convolution of one picture as plain loops in double precision.
struct DirectConvolution {
  private let operation: Convolution
  private let input, weights, output: Shape
  private let padded: Shape

  init(_ operation: Convolution, _ input: Shape, _ weights: Shape) throws {
    (self.operation, self.input, self.weights) = (operation, input, weights)
    output = try operation.outputShape(for: [input, weights])
    padded = [
      1, input[1], input[2] + 2 * operation.paddingHeight, input[3] + 2 * operation.paddingWidth,
    ]
  }

  func forward(_ x: Tensor, _ w: Tensor) -> Tensor {
    let (x, w) = (pad(x), w.elements.map(Double.init))
    var y = [Double](repeating: 0, count: output.count)
    y.withUnsafeMutableBufferPointer { y in
      x.withUnsafeBufferPointer { x in
        forEachRow { tap, from, to in
          for column in 0..<output[3] {
            y[to + column] += w[tap] * x[from + column * operation.stride]
          }
        }
      }
    }
    return Tensor(output, y.map { Float($0) })
  }

  /// The gradients to the data and to the weights.
  func pullback(_ x: Tensor, _ w: Tensor, _ dy: Tensor) -> (dx: Tensor, dw: Tensor) {
    let (x, w, dy) = (pad(x), w.elements.map(Double.init), dy.elements.map(Double.init))
    var dx = [Double](repeating: 0, count: padded.count)
    // A sum for each column, so that the loops over columns are independent.
    var sums = [Double](repeating: 0, count: weights.count * output[3])
    dx.withUnsafeMutableBufferPointer { dx in
      sums.withUnsafeMutableBufferPointer { sums in
        x.withUnsafeBufferPointer { x in
          dy.withUnsafeBufferPointer { dy in
            forEachRow { tap, from, to in
              for column in 0..<output[3] {
                dx[from + column * operation.stride] += w[tap] * dy[to + column]
              }
              for column in 0..<output[3] {
                sums[tap * output[3] + column] +=
                  dy[to + column] * x[from + column * operation.stride]
              }
            }
          }
        }
      }
    }
    let dw = (0..<weights.count).map { tap in
      Float(sums[tap * output[3]..<(tap + 1) * output[3]].reduce(0, +))
    }
    return (fold(dx), Tensor(weights, dw))
  }

  /// Calls `body` for each weight and each output row with the weight, and where the row and what the
  /// weight reads for it begin.
  private func forEachRow(_ body: (_ tap: Int, _ from: Int, _ to: Int) -> Void) {
    let (outputs, inputs) = (weights[0] / operation.groups, weights[1])
    for k in 0..<weights[0] {
      for c in 0..<inputs {
        for r in 0..<weights[2] {
          for s in 0..<weights[3] {
            let tap = ((k * inputs + c) * weights[2] + r) * weights[3] + s
            let channel = k / outputs * inputs + c
            for row in 0..<output[2] {
              let first = (channel * padded[2] + row * operation.stride + r) * padded[3] + s
              body(tap, first, (k * output[2] + row) * output[3])
            }
          }
        }
      }
    }
  }

  // MARK: Borders

  private func pad(_ x: Tensor) -> [Double] {
    let numbers = x.elements
    return places.map { $0.map { Double(numbers[$0]) } ?? 0 }
  }

  private func fold(_ gradient: [Double]) -> Tensor {
    var dx = [Double](repeating: 0, count: input.count)
    for (place, number) in zip(places, gradient) { if let place { dx[place] += number } }
    return Tensor(input, dx.map { Float($0) })
  }

  /// Where each number of the padded picture comes from; `nil` is zero.
  private var places: [Int?] {
    let rows = (0..<padded[2]).map { place($0 - operation.paddingHeight, input[2]) }
    let columns = (0..<padded[3]).map { place($0 - operation.paddingWidth, input[3]) }
    return (0..<input[1]).flatMap { channel in
      rows.flatMap { row in
        columns.map { column in
          guard let row, let column else { return nil }
          return (channel * input[2] + row) * input[3] + column
        }
      }
    }
  }

  private func place(_ position: Int, _ extent: Int) -> Int? {
    if (0..<extent).contains(position) { return position }
    switch operation.border {
    case .zero: return nil
    case .reflection: return position < 0 ? -position : 2 * (extent - 1) - position
    case .replication: return position < 0 ? 0 : extent - 1
    }
  }
}
