import Engine

/// An ONNX file: its graph says which tensor is which layer's, whatever its name.
struct ONNXLayout: WeightLayout {
  let family = WeightFamily.onnx
  let description = "ONNX, kernels (out, in, kh, kw)"
  var places: [String: [ParameterRole: StoredParameter]] = [:]

  func place(
    of role: ParameterRole, _ shape: Shape, in layer: WeightedLayer, among entries: EntryIndex
  ) -> StoredParameter? { places[layer.name]?[role] }

  func owns(_ path: String, layer: WeightedLayer) -> Bool {
    places[layer.name]?.values.contains { $0.pieces.contains { $0.path == path } } ?? false
  }
}
