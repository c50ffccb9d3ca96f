import Engine

/// What a value of an ONNX graph is to a frozen network.
enum ONNXValue {
  /// It depends on the picture: a layer's output.
  case features(ONNXFeatures)
  /// A tensor of the file that has not been read.
  case stored(ONNXStored)
  /// Numbers that are the same for every picture: shapes, scales.
  case constant(ONNXConstant)

  /// One extent an axis.
  var extents: [Int] {
    switch self {
    case .features(let features): features.extents
    case .stored(let stored): stored.extents
    case .constant(let constant): constant.extents
    }
  }
}

/// A layer's output under the axes that the graph gives it.
struct ONNXFeatures {
  var layer: String
  /// `[N, C, H, W]`, as this package has it.
  var shape: Shape
  /// For each axis in the graph which of `[N, C, H, W]` it is; those that are left out have the extent 1.
  /// A transposition changes nothing but this.
  var axes: [Int]

  var extents: [Int] { axes.map { shape[$0] } }

  var isPicture: Bool { axes == [0, 1, 2, 3] }
  /// `[N, C]`, or `[N, C, H, W]`.
  var hasChannelsSecond: Bool { isPicture || axes == [0, 1] }
  /// Whether its numbers lie in memory in the order that the graph takes them to have.
  var isInOrder: Bool {
    let wide = axes.filter { shape[$0] > 1 }
    return wide == wide.sorted()
  }

  /// The place for a new axis of extent 1; `nil` where all four are taken.
  var freeAxis: Int? { (0..<4).first { !axes.contains($0) } }
}

/// A tensor of the file under the axes that the graph gives it.
struct ONNXStored {
  var name: String
  var extents: [Int]
  /// Whether its two axes are the other way round in the file.
  var isTransposed = false
}

/// Numbers that are known before any picture: what exporters compute shapes with.
struct ONNXConstant {
  var extents: [Int]
  var numbers: [Double]

  /// Beyond this many numbers a tensor is a layer's, and no arithmetic is done on it here.
  static let limit = 1 << 16

  init(_ extents: [Int], _ numbers: [Double]) { (self.extents, self.numbers) = (extents, numbers) }

  init(integers: [Int]) { self.init([integers.count], integers.map(Double.init)) }

  /// The numbers as integers; those beyond all integers are the nearest.
  var integers: [Int] {
    numbers.map { number in
      number.isNaN ? 0 : number >= 0x1p63 ? Int.max : number <= -0x1p63 ? Int.min : Int(number)
    }
  }

  /// The numbers at these places along an axis.
  func taking(_ places: [Int], along axis: Int) -> ONNXConstant {
    let inner = extents[(axis + 1)...].reduce(1, *)
    let outer = extents[..<axis].reduce(1, *)
    var taken: [Double] = []
    for block in 0..<outer {
      for place in places {
        let start = (block * extents[axis] + place) * inner
        taken += numbers[start..<start + inner]
      }
    }
    var shape = extents
    shape[axis] = places.count
    return ONNXConstant(shape, taken)
  }

  /// The axes in another order.
  func transposed(_ order: [Int]) -> ONNXConstant {
    var strides = [Int](repeating: 1, count: extents.count)
    for axis in extents.indices.reversed().dropFirst() {
      strides[axis] = strides[axis + 1] * extents[axis + 1]
    }
    let shape = order.map { extents[$0] }
    var result: [Double] = []
    for position in numbers.indices {
      var (rest, place) = (position, 0)
      for axis in shape.indices.reversed() {
        place += rest % shape[axis] * strides[order[axis]]
        rest /= shape[axis]
      }
      result.append(numbers[place])
    }
    return ONNXConstant(shape, result)
  }

  /// Number by number; either may be a single number for all of the other's.
  func combined(
    with other: ONNXConstant, _ operation: (Double, Double) -> Double
  ) -> ONNXConstant? {
    if other.numbers.count == 1 {
      return ONNXConstant(extents, numbers.map { operation($0, other.numbers[0]) })
    }
    if numbers.count == 1 {
      return ONNXConstant(other.extents, other.numbers.map { operation(numbers[0], $0) })
    }
    guard extents == other.extents else { return nil }
    return ONNXConstant(extents, zip(numbers, other.numbers).map(operation))
  }
}
