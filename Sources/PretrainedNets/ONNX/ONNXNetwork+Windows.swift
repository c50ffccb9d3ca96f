import Engine

extension ONNXNetwork {
  mutating func addMaxPool(_ node: ONNXOperator) throws(WeightFileError) {
    guard node.node.outputs.count < 2 || node.node.outputs[1].isEmpty else {
      throw node.fail("(MaxPool) gives the places of the maxima, which is not supported")
    }
    var x = try picture(0, of: node)
    let (kernel, stride, margins) = try window(node, over: x)
    let rounding = rounding(node)
    if let padding = margins.even(for: kernel) {
      return try addLayer(
        .maxPool(kernel: kernel, stride: stride, padding: padding, rounding: rounding), of: [x],
        for: node)
    }
    guard rounding == .floor else { throw uneven(node, margins) }
    // What no number in the picture is below wins nowhere.
    var below = margins
    below.value = -.greatestFiniteMagnitude
    x = try addPreparation("padded", .padding(below), of: x, for: node)
    try addLayer(
      .maxPool(kernel: kernel, stride: stride, padding: 0, rounding: .floor), of: [x], for: node)
  }

  mutating func addAveragePool(_ node: ONNXOperator) throws(WeightFileError) {
    var x = try picture(0, of: node)
    let (kernel, stride, margins) = try window(node, over: x)
    let rounding = rounding(node)
    let countsPadding = node.integer("count_include_pad", default: 0) != 0
    var padding = 0
    if let even = margins.even(for: kernel) {
      padding = even
    } else {
      guard countsPadding, rounding == .floor else { throw uneven(node, margins) }
      x = try addPreparation("padded", .padding(margins), of: x, for: node)
    }
    try addLayer(
      .averagePool(
        kernel: kernel, stride: stride, padding: padding, rounding: rounding,
        countsPadding: countsPadding), of: [x], for: node)
  }

  private func window(
    _ node: ONNXOperator, over x: ONNXFeatures
  ) throws(WeightFileError) -> (kernel: Int, stride: Int, Layer.Margins) {
    let kernel = try node.sides("kernel_shape", default: nil)
    guard kernel.0 == kernel.1 else {
      throw node.fail("(\(node.kind)) has windows of \([kernel.0, kernel.1]), not squares")
    }
    try node.requireNoDilation()
    try node.require("storage_order", is: 0)
    let stride = try node.stride()
    return (
      kernel.0, stride,
      try node.margins(kernel: kernel, stride: stride, height: x.shape[2], width: x.shape[3])
    )
  }

  private func rounding(_ node: ONNXOperator) -> PoolingRounding {
    node.integer("ceil_mode", default: 0) == 0 ? .floor : .ceiling
  }

  private func uneven(_ node: ONNXOperator, _ margins: Layer.Margins) -> WeightFileError {
    node.fail(
      "(\(node.kind)) has the pads \([margins.top, margins.left, margins.bottom, margins.right]); "
        + "only even ones of at most half a window are supported here")
  }

  /// The mean over the picture.
  mutating func addMean(_ node: ONNXOperator) throws(WeightFileError) {
    let x = try features(0, of: node)
    let keeps = node.integer("keepdims", default: 1) != 0
    var axes: Set<Int> = []
    for axis in try integers("axes", orInput: 1, of: node) ?? Array(x.axes.indices) {
      axes.insert(x.axes[try node.axis(axis, of: x.axes.count)])
    }
    guard axes == [2, 3] else {
      throw node.fail("(ReduceMean) goes over other axes of \(x.extents) than rows and columns")
    }
    try addLayer(
      .globalAveragePool, of: [x], for: node,
      axes: keeps ? x.axes : x.axes.filter { $0 < 2 })
  }

  mutating func addPadding(_ node: ONNXOperator) throws(WeightFileError) {
    let x = try features(0, of: node)
    let mode = node.text("mode", default: "constant")
    guard mode == "constant" else {
      throw node.fail("(Pad) has the mode '\(mode)', and only 'constant' is supported")
    }
    let pads = try integers("pads", orInput: 1, of: node) ?? []
    var value = node.attribute("value").map { Double($0.number) } ?? 0
    if let given = try constant(2, of: node)?.numbers.first { value = given }
    let axes = try constant(3, of: node)?.integers ?? Array(x.axes.indices)
    guard pads.count == 2 * axes.count, Float(value).isFinite else {
      throw node.fail("(Pad) has \(pads.count) pads for \(axes.count) axes, or an infinite value")
    }
    var sides = [[Int]](repeating: [0, 0], count: 4)
    for (index, axis) in axes.enumerated() {
      sides[x.axes[try node.axis(axis, of: x.axes.count)]] = [
        pads[index], pads[axes.count + index],
      ]
    }
    guard sides[0] == [0, 0], sides[1] == [0, 0],
      sides.joined().allSatisfy({ (0...ONNXOperator.longestSide).contains($0) })
    else {
      throw node.fail("(Pad) has the pads \(pads), and only those around pictures are supported")
    }
    try addLayer(
      .padding(
        Layer.Margins(
          top: sides[2][0], left: sides[3][0], bottom: sides[2][1], right: sides[3][1],
          value: Float(value))), of: [x], for: node)
  }
}

extension Layer.Margins {
  /// The width of margins that are the same on all sides, and at most half as wide as a window.
  fileprivate func even(for kernel: Int) -> Int? {
    top == left && top == bottom && top == right && 2 * top <= kernel ? top : nil
  }
}
