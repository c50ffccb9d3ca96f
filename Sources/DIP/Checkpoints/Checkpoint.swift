import Engine
public import Foundation

/// A run on its way, as the bytes of a file: what is solved, by which settings, and where the solve is.
///
/// The bytes are those of a safetensors file, which Python reads too: the optimised numbers are the tensors
/// `parameter <name>`.
public struct Checkpoint: Sendable {
  /// What makes the run what it is, by name (`task`, `seed`, `picture`, …): a run with others cannot go on
  /// from here.
  public var settings: [String: String]
  public var state: SolverState
  /// What the caller keeps of the run besides, by name.
  public var notes: [String: String]
  /// Tensors that the caller keeps besides, by name.
  public var tensors: [String: Tensor]

  public init(
    settings: [String: String], state: SolverState, notes: [String: String] = [:],
    tensors: [String: Tensor] = [:]
  ) {
    (self.settings, self.state, self.notes, self.tensors) = (settings, state, notes, tensors)
  }

  private static let format = "preimage checkpoint 1"
  private static let note = "note "
  private static let kept = "kept by caller "

  /// The bytes of a file; the same checkpoint gives the same.
  public func encoded() throws -> Data {
    var bundle = TensorBundle()
    try state.archive(into: &bundle)
    bundle.texts["format"] = Self.format
    bundle.texts["settings"] = try TensorBundle.text(of: settings)
    for (name, text) in notes { bundle.texts[Self.note + name] = text }
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      bundle[Self.kept + name] = tensor
    }
    return try bundle.encoded()
  }

  /// Reads the bytes of a file.
  ///
  /// - Throws: ``CheckpointError`` where they are damaged, or none of a checkpoint.
  public init(decoding data: Data) throws(CheckpointError) {
    let bundle = try TensorBundle(decoding: data)
    guard bundle.texts["format"] == Self.format else { throw .format }
    settings = try bundle.value([String: String].self, of: "settings")
    state = try SolverState(bundle)
    notes = [:]
    for (name, text) in bundle.texts where name.hasPrefix(Self.note) {
      notes[String(name.dropFirst(Self.note.count))] = text
    }
    tensors = [:]
    for (name, tensor) in bundle.tensors where name.hasPrefix(Self.kept) {
      tensors[String(name.dropFirst(Self.kept.count))] = tensor
    }
  }

  /// Checks that the run is one with these settings.
  ///
  /// - Throws: ``CheckpointError/otherRun(setting:here:there:)`` for the first, by name, that differs.
  public func check(_ settings: [String: String]) throws(CheckpointError) {
    for name in Set(settings.keys).union(self.settings.keys).sorted()
    where settings[name] != self.settings[name] {
      throw .otherRun(setting: name, here: settings[name], there: self.settings[name])
    }
  }
}

/// Why a run cannot go on from a checkpoint. Each description is one line, to be put behind the file's name.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The bytes are not those of a checkpoint of this version.
  case format
  /// The bytes are damaged.
  case damaged(String)
  /// The state is of another problem.
  case unfit(String)
  /// A setting is another one.
  case otherRun(setting: String, here: String?, there: String?)

  public var description: String {
    switch self {
    case .format:
      "no checkpoint of this version of preimage; begin anew without it"
    case .damaged(let what): "a damaged checkpoint: \(what); begin anew without it"
    case .unfit(let what): "a checkpoint of another run: \(what); begin anew without it"
    case .otherRun(let setting, let here, let there):
      "a checkpoint of another run, with \(setting) \(there ?? "not set") and not "
        + "\(here ?? "unset"); give the settings that it was begun with, or begin anew without it"
    }
  }
}
