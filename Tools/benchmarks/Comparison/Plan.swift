import ArgumentParser
import Foundation
import PretrainedNets

/// What is measured, in the order of the report.
struct Plan {
  private var solves: [Comparison] = []
  private var convolutions: [ConvolutionShape] = []
  private var loadings: [String] = []
  private var hasScaling = false
  private var hasPriors = false
  private let python: PyTorch?
  private let threads: Int

  /// What of ours is run in PyTorch too. The largest picture is there for the growth of cost alone.
  private static let modes: [String: [PyTorch.Mode]] = [
    "hourglass-256": PyTorch.Mode.suitable, "hourglass-512": PyTorch.Mode.suitable,
    "inversion-squeezenet": [.float32], "inversion-vgg16": [.float32],
  ]
  private static let scaling = "scaling"
  private static let priors = "priors"
  /// Networks of 244 and of 553 MB.
  private static let loaded = ["alexnet", "vgg16"]

  /// All names that can be asked for.
  static var names: [String] {
    Workloads.solves.map(\.name) + ConvolutionShape.hot.map(\.name)
      + loaded.map { "loading-\($0)" } + [priors, scaling]
  }

  /// - Parameters:
  ///   - only: what the names must begin with, if not everything is wanted.
  ///   - hasScaling: whether threads are compared even if not asked for by name.
  ///   - python: where PyTorch is, if it is to be compared.
  ///   - threads: how many threads all sides have.
  /// - Throws: an error of wrong use where there is no such name, or nothing to compare.
  init(only: [String]?, hasScaling: Bool, python: PyTorch?, threads: Int) throws {
    if let unknown = only?.first(where: { name in !Self.names.contains { $0.hasPrefix(name) } }) {
      throw ValidationError(
        "no name begins with '\(unknown)'; there are \(Self.names.joined(separator: ", "))")
    }
    func isWanted(_ name: String) -> Bool { only?.contains { name.hasPrefix($0) } ?? true }
    (self.threads, self.python) = (threads, python)
    loadings = Self.loaded.filter { isWanted("loading-\($0)") }
    solves = Workloads.solves.map(\.name).filter(isWanted).map { name in
      let others = python.map { python in
        Self.modes[name, default: []].map { python.lane(name, $0, threads: threads) }
      }
      return Comparison(
        name: name, lanes: [Lane(workload: name, threads: threads)] + (others ?? []))
    }
    convolutions = ConvolutionShape.hot.filter { isWanted($0.name) }
    hasPriors = isWanted(Self.priors)
    self.hasScaling = hasScaling || only != nil && isWanted(Self.scaling)
    if self.hasScaling, threads == 1 {
      throw ValidationError("one thread cannot be compared with more; give --threads 2 or more")
    }
  }

  /// Measures everything and writes the report, each section as soon as it is there.
  func run(rounds: Int) throws {
    StandardOutput.write(Machine.report(threads: threads, rounds: rounds))
    if !solves.isEmpty {
      let measured = try solves.map { (name: $0.name, results: try $0.run(rounds: rounds)) }
      StandardOutput.write(Report.solves(measured))
    }
    if !convolutions.isEmpty {
      let measured = try convolutions.map { shape in
        (shape: shape, results: try comparison(of: shape).run(rounds: rounds))
      }
      StandardOutput.write(Report.convolutions(measured))
    }
    if !loadings.isEmpty {
      let measured = try loadings.flatMap { try loading(Architecture.named($0), rounds: rounds) }
      StandardOutput.write(Report.loadings(measured))
    }
    if hasPriors {
      let names = ["hourglass-512", "decoder-512"]
      let lanes = names.map { Lane(title: $0, workload: $0, threads: threads) }
      let results = try Comparison(name: Self.priors, lanes: lanes).run(rounds: rounds)
      StandardOutput.write(Report.priors(results))
    }
    if hasScaling {
      let workload = "hourglass-512"
      let lanes = [1, threads].map { count in
        Lane(
          title: count == 1 ? "1 thread" : "\(count) threads", workload: workload, threads: count)
      }
      let results = try Comparison(name: workload, lanes: lanes).run(rounds: rounds)
      StandardOutput.write(Report.scaling(workload, results))
    }
  }

  /// Loading all weights of a network beside reading the file, format by format.
  private func loading(_ network: Architecture, rounds: Int) throws -> [Report.Loading] {
    try WeightFormat.allCases.compactMap { format in
      // Only PyTorch itself writes its format.
      if format == .torch, python == nil { return nil }
      let path = FileManager.default.temporaryDirectory
        .appending(path: "preimage-bench-\(UUID().uuidString).\(format.ending)").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      try format.write(network, to: path, python: python)
      let lanes = [LoadingWorkload.Kind.reading, .loading].map { kind in
        Lane(
          title: kind.rawValue, workload: LoadingWorkload(kind, network, path: path).name,
          threads: threads)
      }
      let name = "\(network.name), \(format)"
      let results = try Comparison(name: name, lanes: lanes).run(rounds: rounds)
      return Report.Loading(
        name: network.name, format: "\(format)", bytes: 4 * network.parameterCount,
        reading: results[0], loading: results[1])
    }
  }

  /// A convolution's three passes beside the matrix product.
  private func comparison(of shape: ConvolutionShape) -> Comparison {
    let passes = ConvolutionPass.allCases.map { pass in
      Lane(
        title: pass.rawValue, workload: ConvolutionWorkload(shape: shape, pass: pass).name,
        threads: threads)
    }
    let peak = MatrixProductWorkload().name
    return Comparison(
      name: shape.name, lanes: [Lane(title: peak, workload: peak, threads: threads)] + passes,
      turn: 0.3)
  }
}
