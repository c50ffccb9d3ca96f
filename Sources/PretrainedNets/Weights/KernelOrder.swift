import Engine

// Bringing the weights of other frameworks to the order of the engine.

extension Shape {
  /// A kernel stored (kh, kw, in, out), brought to this shape `[out, in, kh, kw]`.
  func transposedKernel(_ stored: Tensor) -> Tensor {
    let (outputs, inputs, window) = (self[0], self[1], self[2] * self[3])
    var kernel = Tensor(self)
    stored.withUnsafeElements { source in
      kernel.withUnsafeMutableElements { target in
        for output in 0..<outputs {
          for input in 0..<inputs {
            for tap in 0..<window {
              target[(output * inputs + input) * window + tap] =
                source[(tap * inputs + input) * outputs + output]
            }
          }
        }
      }
    }
    return kernel
  }

  /// The weight of a dense layer stored (in, out), brought to this shape `[out, in]`.
  ///
  /// With `flattens` the stored rows are in the order H, W, C of these `[C, H, W]` and come out in
  /// the order C, H, W; without it they keep their order.
  func transposedDense(_ stored: Tensor, flattens: Shape?) -> Tensor {
    let (outputs, inputs) = (self[0], self[1])
    let area = flattens.map { $0[1] * $0[2] } ?? inputs
    let channels = inputs / area
    var weight = Tensor(self)
    stored.withUnsafeElements { source in
      weight.withUnsafeMutableElements { target in
        for output in 0..<outputs {
          for channel in 0..<channels {
            for position in 0..<area {
              let row = position * channels + channel
              target[output * inputs + channel * area + position] = source[row * outputs + output]
            }
          }
        }
      }
    }
    return weight
  }
}

extension Tensor {
  /// The kernels `[out, in, kh, kw]`, each turned by 180°.
  func turnedKernels() -> Tensor {
    let window = shape[2] * shape[3]
    var turned = self
    withUnsafeElements { source in
      turned.withUnsafeMutableElements { target in
        for index in 0..<shape.count {
          let tap = index % window
          target[index] = source[index - tap + (window - 1 - tap)]
        }
      }
    }
    return turned
  }
}
