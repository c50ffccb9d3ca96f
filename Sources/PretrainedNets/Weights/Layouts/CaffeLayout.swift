import Engine

/// Caffe's snapshot: `/data/<layer>/0` weights (out, in, kh, kw), `/1` bias. A layer's name with a
/// slash makes nested groups.
struct CaffeLayout: WeightLayout {
  let family = WeightFamily.caffe
  let description = "Caffe, kernels (out, in, kh, kw)"

  init?(_ entries: EntryIndex) {
    let isBlob = entries.under("/data/").contains { entry in
      let parts = entry.path.split(separator: "/")
      return parts.count >= 3 && parts.last.flatMap { Int($0) } != nil
    }
    guard isBlob else { return nil }
  }

  func place(
    of role: ParameterRole, _ shape: Shape, in layer: WeightedLayer, among entries: EntryIndex
  ) -> StoredParameter? {
    guard role == .weight || role == .bias else { return nil }
    for prefix in prefixes(of: layer) {
      if let blob = entries[prefix + (role == .weight ? "0" : "1")] {
        return StoredParameter([blob], shape.extents)
      }
    }
    return nil
  }

  func owns(_ path: String, layer: WeightedLayer) -> Bool {
    prefixes(of: layer).contains { path.hasPrefix($0) }
  }

  private func prefixes(of layer: WeightedLayer) -> [String] {
    ([layer.name] + layer.aliases).map { "/data/\($0)/" }
  }
}
