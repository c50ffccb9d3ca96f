import ArgumentParser
import Engine

/// The process that does the work; the driver starts one a workload.
struct Worker: ParsableCommand {
  /// The first argument of the program that makes it a worker.
  static let name = "worker"

  static let configuration = CommandConfiguration(
    commandName: "bench \(name)",
    abstract: "Repeat a workload: answers each line 'run COUNT' of its input by one of JSON.")

  @Argument(help: "A workload.")
  var workload: String

  @Option(parsing: .unconditional, help: "How many threads.")
  var threads = Processors.count

  func run() throws {
    guard
      let found = LoadingWorkload(named: workload)
        ?? Workloads.all.first(where: { $0.name == workload })
    else {
      throw ValidationError(
        "there is no workload '\(workload)'; there are "
          + Workloads.all.map(\.name).joined(separator: ", "))
    }
    try found.serve(on: try ThreadPool(threads: try Processors.checked(threads)))
  }
}
