import DIP
import Engine
import Foundation
import Inversion
import PretrainedNets

/// Denoising as `preimage denoise` does it, of a square picture.
struct DenoisingWorkload: Workload {
  /// How the picture is written down.
  enum Network: String {
    case hourglass, decoder
  }

  var network = Network.hourglass
  var side: Int

  var name: String { "\(network)-\(side)" }

  func serve(on threads: ThreadPool) throws {
    var random = RandomSource(seed: 0)
    var restoration = Restoration.denoising(random.uniform([1, 3, side, side], in: 0..<1))
    if network == .decoder { restoration.prior = DecoderPrior() }
    restoration.plan.iterations = .max
    try restoration.solver(random: random, threads: threads).serve()
  }
}

/// Feature inversion as `preimage invert` does it, with weights at random.
struct InversionWorkload: Workload {
  var name: String
  var network: Architecture
  var layer: String

  func serve(on threads: ThreadPool) throws {
    var random = RandomSource(seed: 0)
    let picture = random.uniform([1, 3, 224, 224], in: 0..<1)
    let weights = FileManager.default.temporaryDirectory
      .appending(path: "preimage-bench-\(UUID().uuidString).h5").path
    let solver: Solver
    do {
      defer { try? FileManager.default.removeItem(atPath: weights) }
      try network.writeRandomWeights(to: weights, upTo: layer, random: &random)
      var inversion = try FeatureInversion.dip(
        picture, layers: [.init(layer)], of: try Classifier(network, weightsAt: weights),
        threads: threads)
      inversion.plan.iterations = .max
      solver = try inversion.solver(random: random, threads: threads)
    }
    try solver.serve()
  }
}

extension Solver {
  /// Runs for as long as the driver asks. What is measured is all that a user's iteration does: noise,
  /// both passes, the optimiser's step, the average.
  fileprivate func serve() throws {
    struct Done: Error {}
    var session = WorkerSession(gflop: Double(convolutions.operations) / 1e9)
    do {
      _ = try run { _ in
        if try !session.wantsAnother() { throw Done() }
      }
    } catch is Done {}
  }
}
