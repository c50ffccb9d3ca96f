import Foundation

/// One of the sides of a comparison: what it is called and how its worker is started.
struct Lane: Sendable {
  var title: String
  var executable: URL
  var arguments: [String]
  /// Added to the environment.
  var environment: [String: String] = [:]
}

extension Lane {
  /// A workload of ours.
  init(title: String = "preimage", workload: String, threads: Int) {
    self.init(
      title: title,
      executable: Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0]),
      arguments: [Worker.name, workload, "--threads", "\(threads)"],
      environment: Machine.openBLASCore.map { ["OPENBLAS_CORETYPE": $0] } ?? [:])
  }
}

/// The PyTorch that runs the same work.
struct PyTorch {
  /// How a workload is run there.
  enum Mode: String, CaseIterable {
    /// As the original code does.
    case float32
    /// Its fastest way where the processor multiplies such numbers: bfloat16 where it may, channels last.
    case bfloat16

    /// Those that are worth a comparison: elsewhere bfloat16 takes ten times longer than float32, which
    /// channels last does not make faster either.
    static var suitable: [Mode] {
      Machine.flags.isDisjoint(with: ["avx512_bf16", "amx_bf16", "bf16"]) ? [.float32] : allCases
    }
  }

  private static let script = "Tools/benchmarks/pytorch_worker.py"
  private let python: String

  /// - Throws: ``BenchError`` where Python or the script is not there.
  init() throws {
    python =
      ProcessInfo.processInfo.environment["PREIMAGE_PYTHON"] ?? ".build/pytorch/bin/python"
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw BenchError.noPython(python)
    }
    guard FileManager.default.isReadableFile(atPath: Self.script) else {
      throw BenchError.noScript(Self.script)
    }
  }

  /// Writes the tensors of a safetensors file as `torch.save` does.
  func convert(_ path: String, to result: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = ["Tools/benchmarks/torch_weights.py", path, result]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw BenchError.conversion(result) }
  }

  func lane(_ workload: String, _ mode: Mode, threads: Int) -> Lane {
    Lane(
      title: "PyTorch \(mode.rawValue)", executable: URL(filePath: python),
      arguments: [Self.script, workload, "--threads", "\(threads)", "--mode", mode.rawValue])
  }
}
