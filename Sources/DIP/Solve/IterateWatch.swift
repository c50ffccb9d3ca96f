import Engine

/// Follows the iterates of a solve by a rule: a score each, the least so far, and whether it is time to stop.
struct IterateWatch: Sendable {
  let rule: StopRule
  /// The score of the last iterate, less is better; `nil` before there is one.
  private(set) var score: Double?
  /// The iteration of the least score and the score.
  private(set) var best: (iteration: Int, score: Double)?
  private(set) var isOver = false

  /// The moving average of the iterates, or the last of them, oldest first.
  private var pictures: [Tensor] = []
  /// The sum of the window's pictures in units of 2⁻³²: what was added can be taken away without a trace.
  private var sum: [Int64] = []
  private var squares: [Double] = []

  init(_ rule: StopRule) { self.rule = rule }

  /// Takes the next iterate.
  ///
  /// - Returns: whether it is the best so far.
  mutating func observe(_ iteration: Int, _ picture: Span<Float>, heldOut: Float?) -> Bool {
    switch rule.criterion {
    case .movingVariance(let weight):
      addToMovingVariance(picture, weight, isCounted: iteration >= rule.start)
    case .windowedVariance(let window): addToWindow(picture, window)
    case .heldOutError:
      // The first error stands for all before it.
      score = heldOut.map { error in 0.99 * (score ?? Double(error)) + 0.01 * Double(error) }
    }
    guard let score, iteration >= rule.start else { return false }
    // Written so that what is no number is never the best.
    if best.map({ score < $0.score }) ?? score.isFinite {
      best = (iteration, score)
      return true
    }
    isOver = iteration - (best?.iteration ?? iteration) >= rule.patience
    return false
  }

  private mutating func addToMovingVariance(
    _ picture: Span<Float>, _ weight: Float, isCounted: Bool
  ) {
    if pictures.isEmpty { pictures = [Tensor([picture.count], copying: picture)] }
    var squares = 0.0
    pictures[0].withMutableSpan { average in
      for index in picture.indices {
        let change = picture[index] - average[index]
        squares += Double(change * change)
        average[index] = min(max(average[index] + weight * change, 0), 1)
      }
    }
    let distance = squares / Double(picture.count)
    // A tenth of the authors' weight where minima count: what is written is an average of some hundred
    // iterates, and over their ten the least variance is a matter of luck (docs/stopping.md).
    let share = Double(weight) * (isCounted ? 0.1 : 1)
    score = (1 - share) * (score ?? 0) + share * Double(1 - weight) * distance
  }

  private mutating func addToWindow(_ picture: Span<Float>, _ window: Int) {
    if sum.isEmpty { sum = [Int64](repeating: 0, count: picture.count) }
    if pictures.count == window {
      let oldest = pictures.removeFirst()
      squares.removeFirst()
      oldest.withSpan { oldest in
        for index in oldest.indices { sum[index] -= Self.fixed(oldest[index]) }
      }
    }
    var square = 0.0
    for index in picture.indices {
      sum[index] += Self.fixed(picture[index])
      square += Double(picture[index]) * Double(picture[index])
    }
    pictures.append(Tensor([picture.count], copying: picture))
    squares.append(square)
    guard pictures.count == window else { return }
    let count = Double(window)
    let ofMean = sum.reduce(0.0) { total, sum in
      let mean = Double(sum) * 0x1p-32 / count
      return total + mean * mean
    }
    score = max(0, squares.reduce(0, +) / count - ofMean) / Double(picture.count)
  }

  private static func fixed(_ value: Float) -> Int64 {
    Int64(max(-0x1p20, min(0x1p20, Double(value))) * 0x1p32)
  }
}

extension IterateWatch {
  /// What of it goes to a checkpoint beside the pictures.
  struct State: Codable {
    var rule: StopRule
    var score: Double?
    var bestIteration: Int?
    var bestScore: Double?
  }

  var state: (scalars: State, pictures: [Tensor]) {
    (
      State(
        rule: rule, score: score, bestIteration: best?.iteration, bestScore: best?.score),
      pictures
    )
  }

  /// Goes on from a state; `nil` where the pictures are not of so many numbers.
  init?(_ state: State, pictures: [Tensor], pictureCount: Int) {
    self.init(state.rule)
    let most =
      switch rule.criterion {
      case .movingVariance: 1
      case .windowedVariance(let window): window
      case .heldOutError: 0
      }
    guard pictures.count <= most, pictures.allSatisfy({ $0.shape.count == pictureCount }) else {
      return nil
    }
    if case .windowedVariance(let window) = rule.criterion {
      for picture in pictures { picture.withSpan { addToWindow($0, window) } }
    }
    self.pictures = pictures.map { $0.reshaped(to: [pictureCount]) }
    score = state.score
    if let iteration = state.bestIteration, let score = state.bestScore {
      best = (iteration, score)
    }
  }
}

extension Tensor {
  fileprivate init(_ shape: Shape, copying span: Span<Float>) {
    self.init(shape)
    withMutableSpan { target in
      for index in span.indices { target[index] = span[index] }
    }
  }
}
