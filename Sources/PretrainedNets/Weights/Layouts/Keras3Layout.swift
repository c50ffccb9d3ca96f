import Engine

/// Keras 3's `.weights.h5`: `/layers/<kind>[_n]/vars/<i>`, where the n-th layer of a kind has no name but
/// its number, and i counts its variables.
struct Keras3Layout: WeightLayout {
  let family = WeightFamily.keras
  let description = "Keras 3, layers by their order, kernels (kh, kw, in, out)"
  /// The group that holds the layers, with a closing slash.
  private let root: String

  init?(_ entries: EntryIndex) {
    // The second is what TensorFlow 2.13 wrote.
    let roots = ["/layers/", "/_layer_checkpoint_dependencies/"]
    guard
      let root = roots.first(where: { root in
        entries.under(root).contains { $0.path.split(separator: "/").dropLast().last == "vars" }
      })
    else { return nil }
    self.root = root
  }

  func place(
    of role: ParameterRole, _ shape: Shape, in layer: WeightedLayer, among entries: EntryIndex
  ) -> StoredParameter? {
    let variables = layer.parameters.map(\.role)
    guard let index = variables.firstIndex(of: role),
      let entry = entries["\(group(of: layer))vars/\(index)"]
    else { return nil }
    switch (role, layer.kind) {
    case (.weight, .convolution):
      return StoredParameter(
        [entry], [shape[2], shape[3], shape[1], shape[0]],
        order: .heightWidthInputOutput(turned: false))
    case (.weight, .dense(_, let flattens, _)):
      return StoredParameter(
        [entry], [shape[1], shape[0]], order: .inputOutput(flattens: flattens))
    default: return StoredParameter([entry], shape.extents)
    }
  }

  func owns(_ path: String, layer: WeightedLayer) -> Bool { path.hasPrefix(group(of: layer)) }

  private func group(of layer: WeightedLayer) -> String {
    let kind =
      switch layer.kind {
      case .convolution: "conv2d"
      case .dense: "dense"
      case .normalization: "batch_normalization"
      }
    return root + kind + (layer.ordinal == 0 ? "" : "_\(layer.ordinal)") + "/"
  }
}
