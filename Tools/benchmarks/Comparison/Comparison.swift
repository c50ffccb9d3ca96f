import Foundation

/// Work that is measured in alternation: one iteration of each lane means the same.
struct Comparison {
  var name: String
  var lanes: [Lane]
  /// The least length of a turn, in seconds; a turn has at least one iteration.
  var turn = 1.0

  /// What was measured of a lane.
  struct Result {
    var title: String
    var ready: Messages.Ready
    /// One a round.
    var secondsPerIteration: [Double] = []
    var allocationsPerIteration: [Double] = []
    var peakBytes: Int?

    /// Billions of operations a second, one number a round; `nil` where the work is not known.
    var gflops: [Double]? {
      ready.gflop.map { gflop in secondsPerIteration.map { gflop / $0 } }
    }
  }

  /// Libraries keep threads waiting at work for a while after it, which would take from the next.
  private static let pause = 0.3

  /// Starts the workers, warms them up and gives each its turn, round after round.
  func run(rounds: Int) throws -> [Result] {
    StandardError.write("\(name): starting\n")
    let workers = try lanes.map { try WorkerProcess($0, workload: name) }
    var counts: [Int] = []
    for worker in workers { counts.append(try warmUp(worker)) }
    var results = zip(lanes, workers).map { Result(title: $0.title, ready: $1.ready) }
    for round in 1...rounds {
      for (index, worker) in workers.enumerated() {
        Thread.sleep(forTimeInterval: Self.pause)
        let answer = try worker.run(counts[index])
        let count = Double(counts[index])
        results[index].secondsPerIteration.append(answer.seconds / count)
        if let allocations = answer.allocations {
          results[index].allocationsPerIteration.append(Double(allocations) / count)
        }
        results[index].peakBytes = answer.peakBytes
      }
      let latest = results.map { result in
        "\(result.title) \(Format.seconds(result.secondsPerIteration[round - 1]))"
      }
      StandardError.write("\(name): \(round)/\(rounds)  \(latest.joined(separator: ", "))\n")
    }
    return results
  }

  /// Runs two iterations and more until a tenth of a turn has passed, and tells how many fill a turn.
  private func warmUp(_ worker: WorkerProcess) throws -> Int {
    Thread.sleep(forTimeInterval: Self.pause)
    // The first iteration touches all memory and makes what is made once.
    _ = try worker.run(1)
    var seconds = try worker.run(1).seconds
    if seconds < turn / 10 {
      let count = Self.count(filling: turn / 10, seconds)
      seconds = try worker.run(count).seconds / Double(count)
    }
    return Self.count(filling: turn, seconds)
  }

  private static func count(filling turn: Double, _ seconds: Double) -> Int {
    Int(min(max((turn / max(seconds, 1e-9)).rounded(.up), 1), 1e6))
  }
}
