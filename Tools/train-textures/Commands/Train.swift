import ArgumentParser
import Engine
import Foundation
import Imaging
import PretrainedNets
import Terminal
import TextureTraining

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train the network on fresh pictures, and measure it on held-out ones.",
    discussion: """
      The same settings give the same bytes, on any number of threads, interrupted or not.
      """)

  @Option(help: "The seed of weights and pictures.")
  var seed: UInt64 = 0

  @Option(help: "How many steps.")
  var steps = TrainingPlan().steps

  @Option(help: "How many pictures a step.")
  var batch = TrainingPlan().batch

  @Option(help: "The optimiser's rate at its highest.")
  var learningRate = TrainingPlan().learningRate

  @Flag(help: "Plant two faults: one class always carries a badge, another is always blue.")
  var faulty = false

  @Option(help: "How many threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(name: .shortAndLong, help: "The HDF5 file of weights to write.")
  var output: String

  @Option(help: "Keep the state of the training in this file.")
  var checkpoint: String?

  @Option(help: "How many steps there are between two checkpoints.")
  var interval = 200

  @Flag(help: "Go on from the state in the file of --checkpoint.")
  var resume = false

  @Option(help: "Write the learning curve to this CSV file.")
  var curve: String?

  /// How many pictures the trained network is measured on.
  private static let heldOut = 2000

  func validate() throws {
    guard 1...1_000_000 ~= steps, 1...1000 ~= batch, 1...1024 ~= threads,
      1...1_000_000 ~= interval, learningRate > 0, learningRate < 1
    else {
      throw ValidationError(
        "--steps and --interval take 1 to 1000000, --batch 1 to 1000, --threads 1 to 1024, "
          + "--learning-rate a number between 0 and 1")
    }
    if resume, checkpoint == nil { throw ValidationError("--resume needs --checkpoint FILE") }
  }

  func run() throws {
    for path in [output, checkpoint, curve].compactMap({ $0 }) {
      try AtomicFile.preflight(path: path)
    }
    let pool = try ThreadPool(threads: threads)
    let plan = TrainingPlan(
      seed: seed, steps: steps, batch: batch, learningRate: learningRate, isFaulty: faulty)
    let trainer = try Trainer(plan, threads: pool)
    if resume, let checkpoint { try Checkpoint.resume(trainer, from: checkpoint) }
    var meter = ProgressMeter(task: plan.architecture.name, total: plan.steps, from: trainer.step)
    while trainer.step < plan.steps {
      trainer.advance()
      if let checkpoint, trainer.step % interval == 0 {
        try Checkpoint.write(trainer, to: checkpoint)
      }
      meter.update(done: trainer.step) {
        let recent = trainer.losses.suffix(100)
        return String(format: "loss %.4f", recent.reduce(0, +) / Float(recent.count))
      }
    }
    try WeightFile.write(try trainer.weights(), to: output)
    if let curve { try AtomicFile.write(Data(trainer.curve.csv.utf8), to: curve) }
    print(trainer.curve.chart)
    // As the file has them, rounded.
    let classifier = try Classifier(plan.architecture, weightsAt: output)
    try Measurement(classifier: classifier, plan: plan, pictures: Self.heldOut, threads: pool)
      .report()
  }
}
