import Engine

extension ONNXNetwork {
  mutating func addFlattening(_ node: ONNXOperator) throws(WeightFileError) {
    let x = try features(0, of: node)
    let axis = try node.axis(node.integer("axis", default: 1), of: x.axes.count)
    guard axis == 1, x.axes.first == 0, x.isInOrder else {
      throw node.fail(
        "(Flatten) of \(x.extents) at axis \(axis) mixes pictures or reorders channels")
    }
    try addLayer(.flattening, of: [x], for: node, axes: [0, 1])
  }

  mutating func addReshaping(_ node: ONNXOperator) throws(WeightFileError) {
    let value = try value(0, of: node)
    guard let target = try constant(1, of: node)?.integers, target.count <= 8 else {
      throw node.fail("(Reshape) lacks a shape, or has one of more than 8 axes")
    }
    guard let extents = resolve(target, for: value.extents) else {
      throw node.fail("(Reshape) does not fit: \(value.extents) to \(target)")
    }
    switch value {
    case .features(let x):
      if extents == x.extents { return try addLayer(.dropout, of: [x], for: node) }
      guard x.axes.first == 0, x.isInOrder, (2...4).contains(extents.count), extents[0] == 1,
        extents.dropFirst(2).allSatisfy({ $0 == 1 })
      else {
        throw node.fail(
          "(Reshape) makes \(extents) of \(x.extents), and only one vector a picture is supported")
      }
      try addLayer(.flattening, of: [x], for: node, axes: Array(0..<extents.count))
    case .stored(var stored):
      guard !stored.isTransposed else {
        throw node.fail("(Reshape) follows a Transpose of weights")
      }
      stored.extents = extents
      try give(.stored(stored), for: node)
    case .constant(let constant):
      try give(.constant(ONNXConstant(extents, constant.numbers)), for: node)
    }
  }

  /// The extents that a reshaping asks for: 0 is the extent that there is, -1 what is left, and the
  /// number of pictures that the file is made for is one here.
  private func resolve(_ target: [Int], for extents: [Int]) -> [Int]? {
    let count = extents.reduce(1) { $0 &* $1 }
    var found = target
    for (index, extent) in target.enumerated() where extent == 0 && index < extents.count {
      found[index] = extents[index]
    }
    func product(_ extents: [Int]) -> Int? {
      extents.reduce(1 as Int?) { product, extent in
        guard let product, extent > 0 else { return nil }
        let (next, overflows) = product.multipliedReportingOverflow(by: extent)
        return overflows ? nil : next
      }
    }
    if let open = found.firstIndex(of: -1) {
      found[open] = 1
      if batch > 1, open != 0, found[0] == batch { found[0] = 1 }
      guard let rest = product(found), count % rest == 0 else { return nil }
      found[open] = count / rest
    }
    if let all = product(found), all != count, batch > 1, found.first == batch { found[0] = 1 }
    return product(found) == count ? found : nil
  }

  mutating func addTransposition(_ node: ONNXOperator) throws(WeightFileError) {
    let value = try value(0, of: node)
    let rank = value.extents.count
    let order = node.integers("perm") ?? Array((0..<rank).reversed())
    guard order.sorted() == Array(0..<rank) else {
      throw node.fail("(Transpose) has the perm \(order) for \(value.extents)")
    }
    switch value {
    case .features(let x):
      try addLayer(.dropout, of: [x], for: node, axes: order.map { x.axes[$0] })
    case .stored(var stored) where rank == 2:
      if order == [1, 0] {
        stored.isTransposed.toggle()
        stored.extents.reverse()
      }
      try give(.stored(stored), for: node)
    default:
      guard let constant = try numbers(of: value) else {
        throw node.fail("(Transpose) reorders the axes of weights, which is not supported")
      }
      try give(.constant(constant.transposed(order)), for: node)
    }
  }

  mutating func addSqueezing(_ node: ONNXOperator) throws(WeightFileError) {
    let value = try value(0, of: node)
    let extents = value.extents
    var dropped: Set<Int> = []
    let given = try integers("axes", orInput: 1, of: node)
    for axis in given ?? extents.indices.filter({ extents[$0] == 1 }) {
      dropped.insert(try node.axis(axis, of: extents.count))
    }
    guard dropped.allSatisfy({ extents[$0] == 1 }) else {
      throw node.fail("(Squeeze) drops axes of \(extents) that are longer than 1")
    }
    let kept = extents.indices.filter { !dropped.contains($0) }
    try relabel(value, as: kept.map { extents[$0] }, for: node) { x in kept.map { x.axes[$0] } }
  }

  mutating func addUnsqueezing(_ node: ONNXOperator) throws(WeightFileError) {
    let value = try value(0, of: node)
    let given = try integers("axes", orInput: 1, of: node) ?? []
    let rank = value.extents.count + given.count
    var added: Set<Int> = []
    for axis in given { added.insert(try node.axis(axis, of: rank)) }
    guard added.count == given.count, rank <= 8 else {
      throw node.fail("(Unsqueeze) has the axes \(given) for \(value.extents)")
    }
    var extents = value.extents
    for axis in added.sorted() { extents.insert(1, at: axis) }
    try relabel(value, as: extents, for: node) { x in
      var labels = x
      for axis in added.sorted() {
        guard let free = labels.freeAxis else { return nil }
        labels.axes.insert(free, at: axis)
      }
      return labels.axes
    }
  }

  /// Gives a value with axes of extent 1 more or less.
  private mutating func relabel(
    _ value: ONNXValue, as extents: [Int], for node: ONNXOperator,
    axes: (ONNXFeatures) -> [Int]?
  ) throws(WeightFileError) {
    switch value {
    case .features(let x):
      guard let axes = axes(x) else {
        throw node.fail("(\(node.kind)) gives \(extents), and only up to four axes are supported")
      }
      try addLayer(.dropout, of: [x], for: node, axes: axes)
    case .stored(var stored):
      guard !stored.isTransposed else {
        throw node.fail("(\(node.kind)) follows a Transpose of weights")
      }
      stored.extents = extents
      try give(.stored(stored), for: node)
    case .constant(let constant):
      try give(.constant(ONNXConstant(extents, constant.numbers)), for: node)
    }
  }

  /// One place along an axis, or several.
  mutating func addGathering(_ node: ONNXOperator) throws(WeightFileError) {
    let value = try value(0, of: node)
    let extents = value.extents
    let axis = try node.axis(node.integer("axis", default: 0), of: extents.count)
    guard let indices = try constant(1, of: node), indices.extents.count <= 1 else {
      throw node.fail("(Gather) has no places, or a table of them")
    }
    var places: [Int] = []
    for index in indices.integers { places.append(try node.axis(index, of: extents[axis])) }
    let isScalar = indices.extents.isEmpty
    if case .features(let x) = value {
      guard x.axes[axis] == 1, places.count == 1 else {
        throw node.fail("(Gather) takes from \(x.extents) what is not one channel")
      }
      var axes = x.axes
      if isScalar { axes.remove(at: axis) }
      return try addLayer(
        .selection(channels: places[0]..<places[0] + 1), of: [x], for: node, axes: axes)
    }
    guard let constant = try numbers(of: value) else {
      throw node.fail("(Gather) takes from large tensors of the file")
    }
    guard places.count * (constant.numbers.count / extents[axis]) <= ONNXConstant.limit else {
      throw node.fail("(Gather) gives too many numbers")
    }
    var taken = constant.taking(places, along: axis)
    if isScalar { taken.extents.remove(at: axis) }
    try give(.constant(taken), for: node)
  }

  mutating func addSlice(_ node: ONNXOperator) throws(WeightFileError) {
    let value = try value(0, of: node)
    let extents = value.extents
    let starts = try integers("starts", orInput: 1, of: node) ?? []
    let ends = try integers("ends", orInput: 2, of: node) ?? []
    let axes = try integers("axes", orInput: 3, of: node) ?? Array(starts.indices)
    let steps = try constant(4, of: node)?.integers ?? starts.map { _ in 1 }
    guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count else {
      throw node.fail("(Slice) has \(starts.count) starts, \(ends.count) ends, \(axes.count) axes")
    }
    var places: [(axis: Int, places: [Int])] = []
    for index in starts.indices {
      let axis = try node.axis(axes[index], of: extents.count)
      guard
        let taken = Self.places(
          from: starts[index], to: ends[index], step: steps[index], of: extents[axis])
      else { throw node.fail("(Slice) has the step \(steps[index])") }
      places.append((axis, taken))
    }
    if case .features(let x) = value {
      let cuts = places.filter { $0.places != Array(0..<extents[$0.axis]) }
      if cuts.isEmpty { return try addLayer(.dropout, of: [x], for: node) }
      guard cuts.count == 1, x.axes[cuts[0].axis] == 1, let first = cuts[0].places.first,
        cuts[0].places == Array(first..<first + cuts[0].places.count)
      else { throw node.fail("(Slice) takes from \(x.extents) what are not neighbouring channels") }
      return try addLayer(
        .selection(channels: first..<first + cuts[0].places.count), of: [x], for: node)
    }
    guard var constant = try numbers(of: value) else {
      throw node.fail("(Slice) takes from large tensors of the file")
    }
    for (axis, taken) in places { constant = constant.taking(taken, along: axis) }
    try give(.constant(constant), for: node)
  }

  /// The places of a slice of an axis, by the rules of ONNX: beyond the ends is at the ends.
  private static func places(from start: Int, to end: Int, step: Int, of extent: Int) -> [Int]? {
    guard step != 0, extent <= ONNXConstant.limit else { return nil }
    let step = min(max(step, -extent - 1), extent + 1)
    func counted(_ place: Int, _ range: ClosedRange<Int>) -> Int {
      min(
        max(place < 0 ? max(place, -extent - 1) + extent : place, range.lowerBound),
        range.upperBound)
    }
    if step > 0 {
      let (first, last) = (counted(start, 0...extent), counted(end, 0...extent))
      return Array(stride(from: first, to: last, by: step))
    }
    // An end before the first is written as the least integer.
    let (first, last) = (counted(start, -1...extent - 1), counted(end, -1...extent - 1))
    return Array(stride(from: first, to: last, by: step)).filter { $0 >= 0 }
  }

  mutating func addShape(_ node: ONNXOperator) throws(WeightFileError) {
    let extents = try value(0, of: node).extents
    func counted(_ place: Int) -> Int {
      min(max(place < 0 ? max(place, -extents.count) + extents.count : place, 0), extents.count)
    }
    let start = counted(node.integer("start", default: 0))
    let end = counted(node.integer("end", default: extents.count))
    try give(
      .constant(ONNXConstant(integers: Array(extents[start..<max(start, end)]))), for: node)
  }

  mutating func addConstant(_ node: ONNXOperator) throws(WeightFileError) {
    if let attribute = node.attribute("value"), attribute.hasTensor {
      try giveStored(attribute.tensor, for: node)
    } else if let attribute = node.attribute("value_int") {
      try give(.constant(ONNXConstant([], [Double(attribute.integer)])), for: node)
    } else if let attribute = node.attribute("value_float") {
      try give(.constant(ONNXConstant([], [Double(attribute.number)])), for: node)
    } else if let integers = node.integers("value_ints") {
      try give(.constant(ONNXConstant(integers: integers)), for: node)
    } else if let attribute = node.attribute("value_floats") {
      let numbers = attribute.numbers.map(Double.init)
      try give(.constant(ONNXConstant([numbers.count], numbers)), for: node)
    } else {
      throw node.fail("(Constant) has no numbers")
    }
  }

  mutating func addConstantOfShape(_ node: ONNXOperator) throws(WeightFileError) {
    guard let extents = try constant(0, of: node)?.integers else {
      throw node.fail("(ConstantOfShape) lacks its shape")
    }
    var count = 1
    for extent in extents {
      guard (0...ONNXConstant.limit).contains(extent), count * extent <= ONNXConstant.limit else {
        throw node.fail("(ConstantOfShape) gives \(extents), which is negative or too large")
      }
      count *= extent
    }
    var number = 0.0
    if let tensor = node.attribute("value")?.tensor,
      let place = try tensor.place(named: node.output, inModelAt: archive.path)
    {
      number = try place.read().elements.first.map(Double.init) ?? 0
    }
    try give(.constant(ONNXConstant(extents, Array(repeating: number, count: count))), for: node)
  }
}
