import Engine

extension WeightFile {
  /// The names of those of `layers` all of whose parameters are in the file.
  public func held(of layers: [WeightedLayer]) -> [String] {
    layers.filter { places(of: $0) != nil }.map(\.name)
  }

  /// The tensors of the file that belong to none of `layers`.
  public func strangers(to layers: [WeightedLayer]) -> [Entry] {
    entries.filter { entry in !layers.contains { layout.owns(entry.path, layer: $0) } }
  }

  /// What of `layers` has another shape in the file than the network needs, in the file's order of
  /// axes.
  public func misfits(of layers: [WeightedLayer]) -> [(entry: Entry, expected: [Int])] {
    layers.flatMap { places(of: $0) ?? [] }.flatMap { _, place in
      place.misfits.map { ($0, place.extents) }
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
    var all: [(name: String, role: ParameterRole, shape: Shape, place: StoredParameter)] = []
    for layer in layers {
      guard let places = places(of: layer) else {
        throw .missingLayer(
          file: path, layer: layer.name, held: held(of: layers), upTo: nil, network: network)
      }
      for ((role, place), shape) in zip(places, layer.parameters.map(\.shape)) {
        all.append((layer.name, role, shape, place))
      }
    }
    if let (entry, expected) = misfits(of: layers).first {
      throw .shape(
        file: path, inside: entry.path, expected: expected, found: entry.extents, network: network)
    }
    var weights: [String: LayerWeights] = [:]
    for (name, role, shape, place) in all {
      let tensor = try tensor(place, shape)
      try checkFinite(tensor, place)
      weights[name, default: LayerWeights([:])].tensors[role] = tensor
    }
    return weights
  }

  /// Where each parameter of a layer lies; `nil` where one is not in the file.
  private func places(of layer: WeightedLayer) -> [(ParameterRole, StoredParameter)]? {
    var places: [(ParameterRole, StoredParameter)] = []
    for (role, shape) in layer.parameters {
      guard var place = layout.place(of: role, shape, in: layer, among: index) else { return nil }
      if role == .weight { place.order = corrected(place.order, layer) }
      places.append((role, place))
    }
    return places
  }

  /// The order of a weight where the file is assumed to be other than its layout says.
  private func corrected(_ order: StoredOrder, _ layer: WeightedLayer) -> StoredOrder {
    switch (layer.kind, order) {
    case (.convolution, .canonical) where turnsKernels: .turned
    case (.convolution, .turned) where turnsKernels: .canonical
    case (.convolution, .heightWidthInputOutput(let turned)) where turnsKernels:
      .heightWidthInputOutput(turned: !turned)
    case (.dense(_, let flattens?, _), .inputOutput(nil)) where swapsRows:
      .inputOutput(flattens: flattens)
    case (.dense(_, .some, _), .inputOutput(.some)) where swapsRows: .inputOutput(flattens: nil)
    case (.dense(_, let flattens?, _), .canonical) where swapsRows:
      .outputInput(flattens: flattens)
    default: order
    }
  }

  /// A parameter, brought to the axes of its shape.
  private func tensor(
    _ place: StoredParameter, _ shape: Shape
  ) throws(WeightFileError) -> Tensor {
    switch (place.order, place.pieces.first) {
    case (.inputOutput(let flattens), let piece?):
      return try outputsFirst(piece, shape, channels: flattens?[0] ?? shape[1], isTurned: false)
    case (.heightWidthInputOutput(let isTurned), let piece?):
      return try outputsFirst(piece, shape, channels: shape[1], isTurned: isTurned)
    default: break
    }
    let pieces = try archive.tensors(at: place.pieces.map(\.path))
    let stored = (pieces.count == 1 ? pieces[0] : Tensor(joining: pieces)).reshaped(to: shape)
    switch place.order {
    case .outputInput(let flattens): return stored.reorderedColumns(flattens: flattens)
    case .turned: return stored.turnedKernels()
    default: return stored
    }
  }

  /// A parameter stored (kh, kw, in, out) or (in, out), there with rows in the order H, W, C of so many
  /// channels.
  ///
  /// A dense layer can be most of the file, and is not to be twice in memory: it is read some channels
  /// at a time, so that what is written is contiguous.
  private func outputsFirst(
    _ entry: Entry, _ shape: Shape, channels: Int, isTurned: Bool
  ) throws(WeightFileError) -> Tensor {
    let outputs = shape[0]
    let area = shape.count / (outputs * channels)
    let isDense = entry.extents.count == 2
    // Whole lines of the cache.
    let strip = isDense ? max(1, (2 << 20) / (16 * outputs * area)) * 16 : channels
    return try Tensor(shape) { (target) throws(WeightFileError) in
      for start in stride(from: 0, to: channels, by: strip) {
        let height = min(strip, channels - start)
        let part =
          height == channels
          ? try archive.tensors(at: [entry.path])[0]
          : try archive.bands(
            RowBands(start: start, height: height, period: channels, count: area),
            ofTensorAt: entry.path)
        part.transposeOutputsFirst(
          in: target, outputs: outputs, area: area, column: start * area, isTurned: isTurned)
      }
    }
  }

  private func checkFinite(
    _ tensor: Tensor, _ place: StoredParameter
  ) throws(WeightFileError) {
    guard let culprit = tensor.firstNotFinite else { return }
    // The stored tensor tells which of its elements it is.
    for piece in place.pieces {
      if let element = try archive.tensors(at: [piece.path])[0].firstNotFinite {
        throw .notFinite(file: path, inside: piece.path, element: element)
      }
    }
    throw .notFinite(file: path, inside: place.pieces[0].path, element: culprit)
  }
}
