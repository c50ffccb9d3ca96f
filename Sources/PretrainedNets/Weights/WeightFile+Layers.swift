import Engine

/// A layer with weights, as a network's table lists it.
public struct WeightedLayer: Sendable, Equatable {
  /// The layer's name in the network's Caffe model, such as `conv1_1`.
  public let name: String
  /// Other names that files give to it, such as `block1_conv1`.
  public let aliases: [String]
  /// `[out, in, kh, kw]` of a convolution or `[out, in]` of a dense layer.
  public let shape: Shape
  /// `[C, H, W]` of the features that a dense layer takes as a vector; `nil` where it takes none.
  public let flattens: Shape?

  public init(_ name: String, aliases: [String] = [], _ shape: Shape, flattens: Shape? = nil) {
    self.name = name
    self.aliases = aliases
    self.shape = shape
    self.flattens = flattens
  }
}

/// The numbers of one layer.
public struct LayerWeights: Sendable, Equatable {
  /// `[out, in, kh, kw]`, to be correlated with the features, or `[out, in]` with the inputs of a
  /// flattened feature in the order C, H, W.
  public let weight: Tensor
  /// `[out]`.
  public let bias: Tensor

  public init(weight: Tensor, bias: Tensor) {
    self.weight = weight
    self.bias = bias
  }
}

extension WeightFile {
  /// The names of those of `layers` whose weight and bias are in the file.
  public func held(of layers: [WeightedLayer]) -> [String] {
    layers.filter { locate($0) != nil }.map(\.name)
  }

  /// The tensors of the file that belong to none of `layers`.
  public func strangers(to layers: [WeightedLayer]) -> [Entry] {
    let known = layers.flatMap { prefixes(of: $0) }
    return entries.filter { entry in !known.contains { entry.path.hasPrefix($0) } }
  }

  /// What of `layers` has another shape in the file than the network needs, in the file's order of
  /// axes.
  public func misfits(
    of layers: [WeightedLayer]
  ) -> [(entry: Entry, expected: [Int])] {
    layers.flatMap { layer -> [(entry: Entry, expected: [Int])] in
      guard let (weight, bias) = locate(layer) else { return [] }
      return [(weight, stored(layer.shape)), (bias, [layer.shape[0]])].filter { entry, expected in
        !Self.agree(entry.extents, expected)
      }
    }
  }

  /// Reads the weights of `layers`, all of which must be in the file, by the layers' names; errors
  /// speak of `network`.
  ///
  /// - Throws: ``WeightFileError`` where a layer is missing, of another shape, damaged, or holds
  ///   what is not a finite number.
  public func weights(
    of layers: [WeightedLayer], network: String
  ) throws(WeightFileError) -> [String: LayerWeights] {
    var places: [(layer: WeightedLayer, weight: Entry, bias: Entry)] = []
    for layer in layers {
      guard let (weight, bias) = locate(layer) else {
        throw .missingLayer(
          file: path, layer: layer.name, held: held(of: layers), upTo: nil, network: network)
      }
      places.append((layer, weight, bias))
    }
    if let (entry, expected) = misfits(of: layers).first {
      throw .shape(
        file: path, inside: entry.path, expected: expected, found: entry.extents, network: network)
    }
    let tensors = try tensors(at: places.flatMap { [$0.weight.path, $0.bias.path] })
    var weights: [String: LayerWeights] = [:]
    for (index, place) in places.enumerated() {
      let (weight, bias) = (tensors[2 * index], tensors[2 * index + 1])
      try checkFinite(weight, at: place.weight.path)
      try checkFinite(bias, at: place.bias.path)
      weights[place.layer.name] = LayerWeights(
        weight: canonical(weight, of: place.layer),
        bias: bias.reshaped(to: [place.layer.shape[0]]))
    }
    return weights
  }

  private func prefixes(of layer: WeightedLayer) -> [String] {
    ([layer.name] + layer.aliases).map { layout.root + $0 + "/" }
  }

  /// The weight and the bias of a layer: its only tensors of more than one axis, and of one.
  private func locate(_ layer: WeightedLayer) -> (weight: Entry, bias: Entry)? {
    for prefix in prefixes(of: layer) {
      let own = entries.filter { $0.path.hasPrefix(prefix) }
      if layout == .caffe {
        if let weight = own.first(where: { $0.path == prefix + "0" }),
          let bias = own.first(where: { $0.path == prefix + "1" })
        {
          return (weight, bias)
        }
      } else if let weight = own.first(where: { $0.extents.count > 1 }),
        let bias = own.first(where: { $0.extents.count == 1 })
      {
        return (weight, bias)
      }
    }
    return nil
  }

  /// The extents a weight of this shape has in the file.
  private func stored(_ shape: Shape) -> [Int] {
    switch layout {
    case .caffe: return shape.extents
    case .keras(_, let order, _):
      if shape.rank == 2 { return [shape[1], shape[0]] }
      return order == .outputInputHeightWidth
        ? shape.extents : [shape[2], shape[3], shape[1], shape[0]]
    }
  }

  /// Whether the extents are the expected ones; old Caffe files write leading ones before them.
  private static func agree(_ found: [Int], _ expected: [Int]) -> Bool {
    found.count >= expected.count && found.suffix(expected.count).elementsEqual(expected)
      && found.dropLast(expected.count).allSatisfy { $0 == 1 }
  }

  private func checkFinite(_ tensor: Tensor, at inside: String) throws(WeightFileError) {
    let culprit = tensor.withUnsafeElements { $0.firstIndex { !$0.isFinite } }
    if let culprit { throw .notFinite(file: path, inside: inside, element: culprit) }
  }

  /// A weight as stored, brought to the axes of the layer's shape.
  private func canonical(_ weight: Tensor, of layer: WeightedLayer) -> Tensor {
    guard case .keras(_, let order, let turned) = layout else {
      return weight.reshaped(to: layer.shape)
    }
    if layer.shape.rank == 2 {
      return layer.shape.transposedDense(
        weight, flattens: order == .heightWidthInputOutput ? layer.flattens : nil)
    }
    let ordered =
      order == .outputInputHeightWidth
      ? weight.reshaped(to: layer.shape) : layer.shape.transposedKernel(weight)
    return turned ? ordered.turnedKernels() : ordered
  }
}
