/// What can be wrong with a graph, a program or the data handed to them.
public enum EngineError: Error, Equatable, Sendable {
  /// An operation was given inputs that do not fit it; the text says which, found and expected.
  case shape(operation: String, problem: String)
  /// The system did not start this many threads.
  case threadsUnavailable(Int)
  /// The graph has no parameter whose name begins with the prefix.
  case noParameters(prefix: String)
  /// A tensor of the wrong shape was handed to an input or a parameter.
  case mismatch(name: String, expected: Shape, found: Shape)
  /// Two nodes were given the same name.
  case duplicateName(String)
  /// The buffers of a program do not fit into memory.
  case memory(bytes: Int)
}

extension EngineError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .shape(let operation, let problem): "\(operation): \(problem)"
    case .threadsUnavailable(let count):
      "cannot start \(count) threads; give a count between 1 and the number of processors"
    case .noParameters(let prefix):
      "nothing to optimise: no parameter's name begins with '\(prefix)'"
    case .mismatch(let name, let expected, let found):
      "\(name) takes a tensor \(expected), got \(found)"
    case .duplicateName(let name): "the name '\(name)' is already taken in this graph"
    case .memory(let bytes):
      "\(bytes / 1_048_576) MiB of memory are not to be had; use a smaller picture or network"
    }
  }
}
