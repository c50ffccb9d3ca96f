import Engine

// Bringing the weights of other frameworks to the order of the engine.

extension Tensor {
  /// Puts a part of a parameter that is stored with its outputs last where it belongs in the parameter
  /// `[out, in]` or `[out, in, kh, kw]`.
  ///
  /// The part has some channels of each of `area` positions, and of these the parameter has columns of
  /// their own: those of the first channel, from `column` on, then those of the next. They are in the
  /// opposite order where kernels are turned.
  func transposeOutputsFirst(
    in target: UnsafeMutableBufferPointer<Float>, outputs: Int, area: Int, column: Int,
    isTurned: Bool
  ) {
    let inputs = target.count / outputs
    let channels = shape.count / (outputs * area)
    // Where the outputs of each column begin.
    let lines = (0..<channels * area).map { index in
      let (channel, position) = index.quotientAndRemainder(dividingBy: area)
      return ((isTurned ? area - 1 - position : position) * channels + channel) * outputs
    }
    writeColumns(lines, height: outputs, to: target, at: column, stride: inputs)
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
      // Both have the greatest exponent, and so greater bits than all numbers.
      let isFinite = elements.reduce(0) { max($0, $1.bitPattern & 0x7fff_ffff) } < 0x7f80_0000
      return isFinite ? nil : elements.firstIndex { !$0.isFinite }
    }
  }
}
