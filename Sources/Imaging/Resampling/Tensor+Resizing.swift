public import Engine

extension Tensor {
  /// Resizes the last two axes of `[N, C, H, W]` by separable convolution, the rows first.
  ///
  /// This is how Pillow's `resize` treats pictures of floating-point numbers. The bicubic and Lanczos
  /// kernels overshoot at edges; nothing is clamped.
  ///
  /// - Precondition: the tensor has rank 4 and the sides are positive.
  public func resized(toHeight height: Int, width: Int, filter: ResamplingFilter) -> Tensor {
    precondition(shape.rank == 4, "a picture is [N, C, H, W], not \(shape)")
    precondition(height > 0 && width > 0, "cannot resize to \(height) × \(width)")
    return resizedWidth(to: width, filter).resizedHeight(to: height, filter)
  }

  private func resizedWidth(to width: Int, _ filter: ResamplingFilter) -> Tensor {
    let sourceWidth = shape[3]
    guard width != sourceWidth else { return self }
    let weights = ResamplingWeights(from: sourceWidth, to: width, filter)
    var result = Tensor([shape[0], shape[1], shape[2], width])
    withSpan { source in
      result.withMutableSpan { target in
        var index = 0
        for start in stride(from: 0, to: source.count, by: sourceWidth) {
          for (first, weights) in weights.targets {
            var sum = 0.0
            for offset in weights.indices {
              sum += weights[offset] * Double(source[start + first + offset])
            }
            target[index] = Float(sum)
            index += 1
          }
        }
      }
    }
    return result
  }

  private func resizedHeight(to height: Int, _ filter: ResamplingFilter) -> Tensor {
    let (sourceHeight, width) = (shape[2], shape[3])
    guard height != sourceHeight else { return self }
    let weights = ResamplingWeights(from: sourceHeight, to: height, filter)
    var result = Tensor([shape[0], shape[1], height, width])
    var sums = [Double](repeating: 0, count: width)
    withSpan { source in
      result.withMutableSpan { target in
        var index = 0
        for start in stride(from: 0, to: source.count, by: sourceHeight * width) {
          for (first, weights) in weights.targets {
            for column in sums.indices { sums[column] = 0 }
            for offset in weights.indices {
              let row = start + (first + offset) * width
              for column in sums.indices {
                sums[column] += weights[offset] * Double(source[row + column])
              }
            }
            for column in sums.indices { target[index + column] = Float(sums[column]) }
            index += width
          }
        }
      }
    }
    return result
  }
}
