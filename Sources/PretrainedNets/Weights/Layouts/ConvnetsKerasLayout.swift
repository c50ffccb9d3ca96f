import Engine

/// heuritech's convnets-keras AlexNet: `/conv_2_1/conv_2_1_W` and `/conv_2_2/conv_2_2_W` for the two
/// groups of a convolution, kernels (out, in, kh, kw) turned by 180°, dense layers (in, out).
struct ConvnetsKerasLayout: WeightLayout {
  let family = WeightFamily.convnetsKeras
  let description = "convnets-keras, kernels (out, in, kh, kw), turned by 180° (Theano)"

  init?(_ entries: EntryIndex) {
    guard entries["/conv_2_1/conv_2_1_W"] != nil, entries["/conv_2_2/conv_2_2_W"] != nil else {
      return nil
    }
  }

  func place(
    of role: ParameterRole, _ shape: Shape, in layer: WeightedLayer, among entries: EntryIndex
  ) -> StoredParameter? {
    guard role == .weight || role == .bias else { return nil }
    for name in layer.aliases {
      let pieces = names(of: name, layer).compactMap { piece in
        entries["/\(piece)/\(piece)_\(role == .weight ? "W" : "b")"]
      }
      if pieces.isEmpty { continue }
      if role == .bias { return StoredParameter(pieces, [shape[0] / pieces.count]) }
      if case .dense = layer.kind {
        return StoredParameter(
          pieces, [shape[1], shape[0]], order: .inputOutput(flattens: nil))
      }
      return StoredParameter(
        pieces, [shape[0] / pieces.count] + shape.extents.dropFirst(), order: .turned)
    }
    return nil
  }

  func owns(_ path: String, layer: WeightedLayer) -> Bool {
    layer.aliases.flatMap { names(of: $0, layer) }.contains { path.hasPrefix("/\($0)/") }
  }

  /// The groups that hold a layer: one for each of the layer's own groups.
  private func names(of layer: String, _ weighted: WeightedLayer) -> [String] {
    if case .convolution(_, let groups, _) = weighted.kind, groups > 1 {
      return (1...groups).map { "\(layer)_\($0)" }
    }
    return [layer]
  }
}
