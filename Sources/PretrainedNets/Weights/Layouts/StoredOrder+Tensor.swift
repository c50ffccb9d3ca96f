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
}

extension Tensor {
  /// Puts some rows of a dense layer stored (in, out) where they belong in this weight `[out, in]`.
  ///
  /// With `flattens` the stored rows are in the order H, W, C of these `[C, H, W]` and come out in the
  /// order C, H, W; without it they keep their order.
  mutating func placeDense(_ strip: Tensor, rows: Range<Int>, flattens: Shape?) {
    let (outputs, inputs) = (shape[0], shape[1])
    let area = flattens.map { $0[1] * $0[2] } ?? inputs
    let channels = inputs / area
    // Sixteen outputs of sixteen rows at a time: both sides then stay in the first-level cache.
    let side = 16
    strip.withUnsafeElements { source in
      withUnsafeMutableElements { target in
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: side) {
          let block = start..<min(start + side, rows.upperBound)
          for firstOutput in stride(from: 0, to: outputs, by: side) {
            for row in block {
              let (position, channel) = row.quotientAndRemainder(dividingBy: channels)
              let column = channel * area + position
              let line = (row - rows.lowerBound) * outputs
              for output in firstOutput..<min(firstOutput + side, outputs) {
                target[output * inputs + column] = source[line + output]
              }
            }
          }
        }
      }
    }
  }

  /// The weight `[out, in]` whose columns come in the order H, W, C of these `[C, H, W]`, in the order C, H, W.
  func reorderedColumns(flattens: Shape) -> Tensor {
    let (inputs, channels, area) = (shape[1], flattens[0], flattens[1] * flattens[2])
    var weight = self
    withUnsafeElements { source in
      weight.withUnsafeMutableElements { target in
        for index in 0..<shape.count {
          let (position, channel) = (index % inputs).quotientAndRemainder(dividingBy: channels)
          target[index / inputs * inputs + channel * area + position] = source[index]
        }
      }
    }
    return weight
  }

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

  /// Tensors of the same further axes, one after the other along the first.
  init(joining pieces: [Tensor]) {
    let first = pieces.reduce(0) { $0 + $1.shape[0] }
    self.init(Shape([first] + pieces[0].shape.extents.dropFirst()))
    withUnsafeMutableElements { target in
      var start = 0
      for piece in pieces {
        piece.withUnsafeElements { source in
          _ = target[start...].update(fromContentsOf: source)
          start += source.count
        }
      }
    }
  }

  /// The index of the first element that is infinite or not a number.
  var firstNotFinite: Int? {
    withUnsafeElements { elements in
      // A sum with any such element is one too: most tensors are done after one quick pass.
      var sum: Float = 0
      for element in elements { sum += element * 0 }
      return sum == 0 ? nil : elements.firstIndex { !$0.isFinite }
    }
  }
}
