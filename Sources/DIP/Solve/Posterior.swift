import Engine

/// The mean of pictures and how much each of their numbers varies, gathered in one pass (Welford, 1962).
struct Posterior: Sendable {
  private(set) var count: Int
  private(set) var mean: Tensor
  /// The sum of squared distances from the mean.
  private(set) var squares: Tensor

  init(_ shape: Shape) { self.init(count: 0, mean: Tensor(shape), squares: Tensor(shape)) }

  init(count: Int, mean: Tensor, squares: Tensor) {
    (self.count, self.mean, self.squares) = (count, mean, squares)
  }

  func fits(_ shape: Shape) -> Bool {
    count >= 0 && mean.shape == shape && squares.shape == shape
  }

  mutating func add(_ picture: Span<Float>) {
    count += 1
    let share = 1 / Float(count)
    mean.withMutableSpan { mean in
      squares.withMutableSpan { squares in
        for index in picture.indices {
          let change = picture[index] - mean[index]
          mean[index] += share * change
          squares[index] += change * (picture[index] - mean[index])
        }
      }
    }
  }

  /// `nil` before there are two pictures.
  var estimate: (mean: Tensor, deviation: Tensor)? {
    guard count > 1 else { return nil }
    var deviation = squares
    deviation.withMutableSpan { values in
      for index in values.indices {
        values[index] = max(0, values[index] / Float(count - 1)).squareRoot()
      }
    }
    return (mean, deviation)
  }
}
