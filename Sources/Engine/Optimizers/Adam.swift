internal import CKernels

/// Adam (Kingma and Ba, ICLR 2015), with PyTorch's defaults and order of operations.
public struct Adam: Optimizer {
  public var learningRate: Float
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Float
  /// How many steps were taken.
  public private(set) var steps = 0
  private var firstMoment = Tensor([1])
  private var secondMoment = Tensor([1])

  public init(
    learningRate: Float = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Float = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  /// The running means of the gradients and of their squares.
  public var state: OptimizerState {
    steps == 0
      ? OptimizerState() : OptimizerState(steps: steps, tensors: [firstMoment, secondMoment])
  }

  public mutating func restore(_ state: OptimizerState, parameterCount: Int) -> Bool {
    guard state.fits(tensors: 2, parameterCount: parameterCount) else { return false }
    steps = state.steps
    if steps > 0 { (firstMoment, secondMoment) = (state.tensors[0], state.tensors[1]) }
    return true
  }

  public mutating func step(
    parameters: inout MutableSpan<Float>, gradients: Span<Float>,
    threads: ThreadPool
  ) {
    if steps == 0 {
      firstMoment = Tensor([parameters.count])
      secondMoment = Tensor([parameters.count])
    }
    steps += 1
    let stepSize = Double(learningRate) / (1 - .pow(beta1, steps))
    let correction = 1 / (1 - .pow(beta2, steps)).squareRoot()
    let count = parameters.count
    let (beta1, beta2, epsilon) = (beta1, beta2, epsilon)
    parameters.withUnsafeMutableBufferPointer { w in
      gradients.withUnsafeBufferPointer { g in
        firstMoment.withUnsafeMutableElements { m in
          secondMoment.withUnsafeMutableElements { v in
            guard let w = w.baseAddress, let g = g.baseAddress, let m = m.baseAddress,
              let v = v.baseAddress
            else { return }
            Elementwise.forEachPiece(count, threads) { piece in
              let start = piece.lowerBound
              pi_adam(
                w + start, g + start, m + start, v + start, piece.count, Float(1 - beta1),
                Float(beta2), Float(1 - beta2), Float(stepSize), Float(correction), epsilon)
            }
          }
        }
      }
    }
  }
}

extension Double {
  fileprivate static func pow(_ base: Double, _ exponent: Int) -> Double {
    // Repeated squaring, in double: the bias correction must hold for a hundred thousand steps.
    var (result, factor, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}
