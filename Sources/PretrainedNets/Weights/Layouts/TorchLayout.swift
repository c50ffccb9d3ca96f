import Engine

/// A PyTorch state dictionary: `<layer>.weight`, `<layer>.bias`, `<layer>.running_mean`; its names are
/// those of safetensors files too.
struct TorchLayout: WeightLayout {
  let family = WeightFamily.torch
  let description = "PyTorch, kernels (out, in, kh, kw)"
  /// What stands before every name: wrappers and checkpoints put `module.` or `state_dict.` there.
  private let root: String

  /// What the parts of a name that wrap a network are called.
  private static let wrappers: Set<Substring> = [
    "module", "model", "net", "network", "state_dict", "model_state_dict", "params",
  ]

  init?(_ entries: EntryIndex) {
    let parameters = entries.entries.filter { entry in
      !entry.path.hasPrefix("/")
        && ParameterRole.allCases.contains { Self.ends(entry.path, in: $0) }
    }
    guard !parameters.isEmpty else { return nil }
    var roots: [String: Int] = [:]
    for parameter in parameters {
      let parts = parameter.path.split(separator: ".").prefix { Self.wrappers.contains($0) }
      roots[parts.map { $0 + "." }.joined(), default: 0] += 1
    }
    // A checkpoint also holds the optimiser's state under names of its own.
    root = roots.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
  }

  func place(
    of role: ParameterRole, _ shape: Shape, in layer: WeightedLayer, among entries: EntryIndex
  ) -> StoredParameter? {
    for name in [layer.name] + layer.aliases {
      for word in Self.names(of: role) {
        if let entry = entries["\(root)\(name).\(word)"] {
          return StoredParameter([entry], shape.extents)
        }
      }
    }
    return nil
  }

  func owns(_ path: String, layer: WeightedLayer) -> Bool {
    ([layer.name] + layer.aliases).contains { path.hasPrefix("\(root)\($0).") }
  }

  /// What a parameter is called, in PyTorch and in the ports that keep Keras's words.
  static func names(of role: ParameterRole) -> [String] {
    switch role {
    case .weight: ["weight"]
    case .bias: ["bias"]
    case .scale: ["weight", "gamma"]
    case .shift: ["bias", "beta"]
    case .mean: ["running_mean", "moving_mean"]
    case .variance: ["running_var", "moving_variance"]
    }
  }

  private static func ends(_ path: String, in role: ParameterRole) -> Bool {
    names(of: role).contains { path.hasSuffix("." + $0) }
  }
}
