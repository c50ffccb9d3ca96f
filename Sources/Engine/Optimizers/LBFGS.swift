internal import CKernels

/// Limited-memory BFGS (Nocedal, 1980) without a line search, as PyTorch's with its defaults: one
/// step for each gradient.
public struct LBFGS: Optimizer {
  public var learningRate: Float
  /// How many past steps shape the direction.
  public var history: Int
  private var steps = 0
  private var pairs: [(step: Tensor, change: Tensor, inverse: Double)] = []
  private var scale = 1.0
  private var previous: (gradient: Tensor, step: Tensor)?

  public init(learningRate: Float = 1, history: Int = 100) {
    self.learningRate = learningRate
    self.history = history
  }

  /// The scale and the inverse of each pair's product; each pair, the last gradient and the last step.
  public var state: OptimizerState {
    guard let previous else { return OptimizerState() }
    return OptimizerState(
      steps: steps, numbers: [scale] + pairs.map(\.inverse),
      tensors: pairs.flatMap { [$0.step, $0.change] } + [previous.gradient, previous.step])
  }

  public mutating func restore(_ state: OptimizerState, parameterCount: Int) -> Bool {
    let count = max(0, state.numbers.count - 1)
    guard
      state.fits(numbers: count + 1, tensors: 2 * count + 2, parameterCount: parameterCount)
    else { return false }
    self = LBFGS(learningRate: learningRate, history: history)
    guard state.steps > 0 else { return true }
    (steps, scale) = (state.steps, state.numbers[0])
    pairs = (0..<count).map {
      (state.tensors[2 * $0], state.tensors[2 * $0 + 1], state.numbers[$0 + 1])
    }
    previous = (state.tensors[2 * count], state.tensors[2 * count + 1])
    return true
  }

  public mutating func step(
    parameters: inout MutableSpan<Float>, gradients: Span<Float>, threads: ThreadPool
  ) {
    var gradient = Tensor([gradients.count])
    gradient.withUnsafeMutableElements { target in
      gradients.withUnsafeBufferPointer { _ = target.update(fromContentsOf: $0) }
    }
    if let previous { remember(previous.step, gradient.adding(-1, previous.gradient)) }

    // The two loops: the inverse Hessian's product with the gradient.
    var direction = gradient.scaled(by: -1)
    var weights = [Double](repeating: 0, count: pairs.count)
    for index in pairs.indices.reversed() {
      weights[index] = pairs[index].step.dot(direction) * pairs[index].inverse
      direction = direction.adding(Float(-weights[index]), pairs[index].change)
    }
    direction = direction.scaled(by: Float(scale))
    for index in pairs.indices {
      let weight = pairs[index].change.dot(direction) * pairs[index].inverse
      direction = direction.adding(Float(weights[index] - weight), pairs[index].step)
    }

    // The first step has no curvature to go by and is kept short.
    let size = gradient.elements.reduce(0.0) { $0 + Double(abs($1)) }
    let rate = steps == 0 ? Float(min(1, 1 / size)) * learningRate : learningRate
    let step = direction.scaled(by: rate)
    step.withUnsafeElements { step in
      for index in step.indices { parameters[index] += step[index] }
    }
    previous = (gradient, step)
    steps += 1
  }

  private mutating func remember(_ step: Tensor, _ change: Tensor) {
    let product = change.dot(step)
    // Only a step along which the function curves upwards says something of the Hessian.
    guard product > 1e-10 else { return }
    if pairs.count >= history { pairs.removeFirst() }
    pairs.append((step, change, 1 / product))
    scale = product / change.dot(change)
  }
}

extension Tensor {
  fileprivate func dot(_ other: Tensor) -> Double {
    withUnsafeElements { x in
      other.withUnsafeElements { y in
        guard let x = x.baseAddress, let start = y.baseAddress else { return 0 }
        return pi_dot(x, start, y.count)
      }
    }
  }

  fileprivate func scaled(by factor: Float) -> Tensor {
    var product = self
    product.withUnsafeMutableElements { x in
      if let start = x.baseAddress { pi_scale(start, factor, 0, start, x.count) }
    }
    return product
  }

  /// self + factor · other.
  fileprivate func adding(_ factor: Float, _ other: Tensor) -> Tensor {
    var sum = self
    sum.withUnsafeMutableElements { x in
      other.withUnsafeElements { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        pi_combine(x, 1, y, factor, 0, x, other.shape.count)
      }
    }
    return sum
  }
}
