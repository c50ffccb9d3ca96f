internal import CKernels

/// Gradient descent with momentum, as PyTorch's SGD: v = μ v + g, w −= rate · v.
public struct Momentum: Optimizer {
  public var learningRate: Float
  /// How much of the past direction is kept, 0 ..< 1.
  public var momentum: Float
  private var velocity: Tensor?

  public init(learningRate: Float, momentum: Float = 0.9) {
    self.learningRate = learningRate
    self.momentum = momentum
  }

  /// The velocity.
  public var state: OptimizerState {
    velocity.map { OptimizerState(steps: 1, tensors: [$0]) } ?? OptimizerState()
  }

  public mutating func restore(_ state: OptimizerState, parameterCount: Int) -> Bool {
    guard state.fits(tensors: 1, parameterCount: parameterCount) else { return false }
    velocity = state.tensors.first
    return true
  }

  public mutating func step(
    parameters: inout MutableSpan<Float>, gradients: Span<Float>, threads: ThreadPool
  ) {
    let count = parameters.count
    let (rate, momentum) = (learningRate, momentum)
    var velocity = self.velocity.take() ?? Tensor([count])
    parameters.withUnsafeMutableBufferPointer { w in
      gradients.withUnsafeBufferPointer { g in
        velocity.withUnsafeMutableElements { v in
          guard let w = w.baseAddress, let g = g.baseAddress, let v = v.baseAddress else { return }
          Elementwise.forEachPiece(count, threads) { piece in
            let start = piece.lowerBound
            pi_combine(v + start, momentum, g + start, 1, 0, v + start, piece.count)
            pi_combine(w + start, 1, v + start, -rate, 0, w + start, piece.count)
          }
        }
      }
    }
    self.velocity = velocity
  }
}

/// The descent of Mahendran and Vedaldi's pre-images (IJCV 2016): steps of g / (1/rate + √Σ g²) with a
/// decaying sum, momentum, and each pixel kept inside a ball.
public struct PreimageDescent: Optimizer {
  /// A ball that the colour of each pixel, relative to the mean, must not leave.
  public struct Ball: Sendable, Hashable {
    public var radius: Float
    public var channels: Int
    /// Pixels a channel.
    public var plane: Int

    public init(radius: Float, channels: Int, plane: Int) {
      (self.radius, self.channels, self.plane) = (radius, channels, plane)
    }
  }

  public var learningRate: Float
  /// How much is kept of the past direction and of the sum of squares, 0 ..< 1.
  public var momentum: Float
  public var ball: Ball?
  private var memory: (velocity: Tensor, squares: Tensor)?

  public init(learningRate: Float, momentum: Float = 0.9, ball: Ball? = nil) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.ball = ball
  }

  /// The velocity and the sum of squares.
  public var state: OptimizerState {
    memory.map { OptimizerState(steps: 1, tensors: [$0.velocity, $0.squares]) } ?? OptimizerState()
  }

  public mutating func restore(_ state: OptimizerState, parameterCount: Int) -> Bool {
    guard state.fits(tensors: 2, parameterCount: parameterCount) else { return false }
    memory = state.steps == 0 ? nil : (state.tensors[0], state.tensors[1])
    return true
  }

  public mutating func step(
    parameters: inout MutableSpan<Float>, gradients: Span<Float>, threads: ThreadPool
  ) {
    let count = parameters.count
    let (rate, momentum, ball) = (learningRate, momentum, ball)
    var (velocity, squares) = memory.take() ?? (Tensor([count]), Tensor([count]))
    parameters.withUnsafeMutableBufferPointer { w in
      gradients.withUnsafeBufferPointer { g in
        velocity.withUnsafeMutableElements { v in
          squares.withUnsafeMutableElements { s in
            guard let w = w.baseAddress, let g = g.baseAddress, let v = v.baseAddress,
              let s = s.baseAddress
            else { return }
            Elementwise.forEachPiece(count, threads) { piece in
              let start = piece.lowerBound
              pi_preimage_step(
                w + start, g + start, v + start, s + start, piece.count, momentum, 1 / rate)
            }
            if let ball, ball.channels * ball.plane <= count {
              Elementwise.forEachPiece(ball.plane, threads) { piece in
                pi_project(
                  w + piece.lowerBound, ball.plane, Int32(ball.channels), piece.count, ball.radius)
              }
            }
          }
        }
      }
    }
    memory = (velocity, squares)
  }
}
