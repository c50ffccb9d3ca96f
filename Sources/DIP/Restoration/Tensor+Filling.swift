import Engine

extension Tensor {
  /// The picture with another's pixels where the mask `[1, 1, H, W]` is 0; with black ones, where there
  /// is no other.
  package func filled(with other: Tensor?, where known: Tensor) -> Tensor {
    var result = self
    let plane = known.shape.count
    (other ?? Tensor(shape)).withSpan { other in
      known.withSpan { known in
        result.withMutableSpan { elements in
          for index in elements.indices where known[index % plane] == 0 {
            elements[index] = other[index]
          }
        }
      }
    }
    return result
  }
}
