/// What can go wrong with a measurement. Each description is one line with the remedy.
enum BenchError: Error, CustomStringConvertible {
  /// A worker was told what it does not know.
  case command(String)
  case weights(String)
  case worker(String, reason: String)
  case noPython(String)
  case noScript(String)
  case conversion(String)

  var description: String {
    switch self {
    case .command(let line): "a worker takes lines 'run COUNT', not '\(line)'"
    case .weights(let path): "cannot write weights to \(path); make room there or set TMPDIR"
    case .worker(let name, let reason): "the worker of \(name) ended before its work: \(reason)"
    case .noPython(let path):
      "there is no Python at \(path); run 'Tools/bench --pytorch', which makes one, or name one that "
        + "has torch in PREIMAGE_PYTHON"
    case .conversion(let path):
      "\(path) could not be written by PyTorch; is there room, and a torch in PREIMAGE_PYTHON?"
    case .noScript(let path):
      "\(path) is not here; call Tools/bench, which runs in the right folder"
    }
  }
}
