import Engine

/// A tensor of other strides than those of row-major order, or of such, within flat numbers.
struct TorchWindow: Sendable {
  /// From the first element of the tensor to its last.
  let numbers: RawTensor
  private let extents: [Int]
  /// `nil` where the numbers are in the tensor's order.
  private let strides: [Int]?

  /// - Precondition: no extent is zero.
  /// - Returns: `nil` where the tensor does not fit into the storage, or has more elements than that.
  init?(of tensor: TorchTensor, on storage: RawTensor) {
    let available = storage.extents[0]
    guard tensor.extents.allSatisfy({ $0 > 0 }), tensor.strides.allSatisfy({ $0 >= 0 }),
      tensor.offset >= 0, tensor.offset < available
    else { return nil }
    var (span, count, isInOrder) = (1, 1, true)
    for (extent, stride) in zip(tensor.extents, tensor.strides).reversed() where extent > 1 {
      isInOrder = isInOrder && stride == count
      let (reach, overflows) = (extent - 1).multipliedReportingOverflow(by: stride)
      guard !overflows, reach < available, span + reach <= available - tensor.offset,
        extent <= available / count
      else { return nil }
      span += reach
      count *= extent
    }
    extents = tensor.extents
    strides = isInOrder ? nil : tensor.strides
    var numbers = storage
    numbers.offset += UInt64(tensor.offset * (tensor.type.byteWidth ?? 1))
    numbers.extents = isInOrder ? extents : [span]
    self.numbers = numbers
  }

  /// The tensor, of what ``numbers`` say.
  func gather(_ flat: Tensor) -> Tensor {
    guard let strides, let inner = strides.last, let length = extents.last else { return flat }
    return Tensor(Shape(extents)) { target in
      flat.withUnsafeElements { source in
        // All axes but the last count on like the digits of a number.
        var index = [Int](repeating: 0, count: extents.count - 1)
        var start = 0
        for line in stride(from: 0, to: target.count, by: length) {
          for place in 0..<length { target[line + place] = source[start + place * inner] }
          for axis in index.indices.reversed() {
            index[axis] += 1
            start += strides[axis]
            if index[axis] < extents[axis] { break }
            start -= strides[axis] * extents[axis]
            index[axis] = 0
          }
        }
      }
    }
  }
}
