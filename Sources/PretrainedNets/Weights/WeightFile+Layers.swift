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
    if case .inputOutput(let flattens) = place.order, let piece = place.pieces.first {
      return try transposedDense(piece, shape, flattens: flattens)
    }
    let pieces = try archive.tensors(at: place.pieces.map(\.path))
    let stored = pieces.count == 1 ? pieces[0] : Tensor(joining: pieces)
    switch place.order {
    case .canonical, .inputOutput: return stored.reshaped(to: shape)
    case .outputInput(let flattens):
      return stored.reshaped(to: shape).reorderedColumns(flattens: flattens)
    case .turned: return stored.reshaped(to: shape).turnedKernels()
    case .heightWidthInputOutput(let isTurned):
      let kernel = shape.transposedKernel(stored)
      return isTurned ? kernel.turnedKernels() : kernel
    }
  }

  /// A dense layer stored (in, out), read a strip of rows at a time: it can be most of the file, and is
  /// not to be twice in memory.
  private func transposedDense(
    _ entry: Entry, _ shape: Shape, flattens: Shape?
  ) throws(WeightFileError) -> Tensor {
    let (outputs, inputs) = (shape[0], shape[1])
    var weight = Tensor(shape)
    let stripRows = max(1, (4 << 20) / outputs)
    for start in stride(from: 0, to: inputs, by: stripRows) {
      let rows = start..<min(start + stripRows, inputs)
      let strip =
        rows.count == inputs
        ? try archive.tensors(at: [entry.path])[0]
        : try archive.rows(rows, ofTensorAt: entry.path)
      weight.placeDense(strip, rows: rows, flattens: flattens)
    }
    return weight
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
