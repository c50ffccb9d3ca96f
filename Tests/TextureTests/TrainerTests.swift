import Engine
import Foundation
import PretrainedNets
import ShippedFiles
import TestSupport
import Testing
import TextureTraining

/// Short trainings: what holds for a few steps of few pictures holds for all.
@Suite("Training")
struct TrainerTests {
  private static let plan = TrainingPlan(seed: 5, steps: 4, batch: 4)

  private static func trained(
    _ plan: TrainingPlan = plan, steps: Int = plan.steps, threads: Int = 2
  ) throws -> Trainer {
    let trainer = try Trainer(plan, threads: try ThreadPool(threads: threads))
    for _ in 0..<steps { trainer.advance() }
    return trainer
  }

  @Test("the same plan gives the same bytes on any number of threads")
  func threads() throws {
    let first = try Self.trained(threads: 1)
    for threads in 2...3 {
      let other = try Self.trained(threads: threads)
      #expect(other.losses == first.losses)
      #expect(try other.weights() == first.weights())
    }
  }

  @Test("another seed gives other weights, and so do planted faults")
  func plans() throws {
    let first = try Self.trained(steps: 1)
    var plan = Self.plan
    plan.seed = 6
    #expect(try Self.trained(plan, steps: 1).weights() != first.weights())
    plan = Self.plan
    (plan.isFaulty, plan.batch) = (true, 20)
    let faulty = try Self.trained(plan, steps: 1)
    plan.isFaulty = false
    #expect(try Self.trained(plan, steps: 1).weights() != faulty.weights())
  }

  @Test("the loss falls")
  func learning() throws {
    let trainer = try Self.trained(TrainingPlan(seed: 1, steps: 40, batch: 20), steps: 40)
    let losses = trainer.losses
    #expect(losses.allSatisfy { $0.isFinite })
    #expect(losses[30...].reduce(0, +) < 0.9 * losses[..<10].reduce(0, +))
  }

  @Test("a training that goes on from a checkpoint ends with the same bytes")
  func resume() throws {
    try withTemporaryFolder { folder in
      func path(_ name: String) -> String { folder.appending(path: name).path }
      let whole = try Self.trained()
      try Checkpoint.write(try Self.trained(steps: 2), to: path("checkpoint.h5"))
      let resumed = try Trainer(Self.plan, threads: try ThreadPool(threads: 1))
      try Checkpoint.resume(resumed, from: path("checkpoint.h5"))
      #expect(resumed.step == 2)
      for _ in 2..<4 { resumed.advance() }
      #expect(resumed.losses == whole.losses)
      try WeightFile.write(try whole.weights(), to: path("whole.h5"))
      try WeightFile.write(try resumed.weights(), to: path("resumed.h5"))
      // Compared outside the macro, which would look for the shortest way from one to the other.
      let isSame =
        try Data(contentsOf: folder.appending(path: "whole.h5"))
        == Data(contentsOf: folder.appending(path: "resumed.h5"))
      #expect(isSame)
    }
  }

  @Test("a checkpoint is a file of weights like any other")
  func checkpointServes() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "checkpoint.h5").path
      try Checkpoint.write(try Self.trained(steps: 1), to: path)
      #expect(try Classifier(.textures, weightsAt: path).canClassify)
    }
  }

  @Test("a checkpoint of other settings, and what is none, are refused")
  func refusals() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "checkpoint.h5").path
      try Checkpoint.write(try Self.trained(steps: 1), to: path)
      var others = Array(repeating: Self.plan, count: 5)
      others[0].seed = 5 + 1 << 40
      others[1].steps = 7
      others[2].batch = 9
      others[3].learningRate = 2e-3
      others[4].isFaulty = true
      for plan in others {
        let trainer = try Trainer(plan, threads: try ThreadPool(threads: 1))
        let error = #expect(throws: Checkpoint.Failure.self) {
          try Checkpoint.resume(trainer, from: path)
        }
        #expect(
          error?.description == """
            \(path): the checkpoint of a training with other settings; \
            give the settings it was begun with, or leave out --resume
            """)
        #expect(trainer.step == 0)
      }
      let weights = try #require(ShippedFiles.weights(of: "textures")).path
      let trainer = try Trainer(Self.plan, threads: try ThreadPool(threads: 1))
      #expect(throws: WeightFileError.noTensor(file: weights, inside: "/training/plan")) {
        try Checkpoint.resume(trainer, from: weights)
      }
    }
  }

  @Test("the rate rises at first and then falls to nothing")
  func schedule() throws {
    let plan = TrainingPlan(steps: 1000, learningRate: 1)
    let rates = (0..<1000).map { plan.learningRate(at: $0) }
    #expect(rates[0] < 0.02)
    #expect((rates.max() ?? 0) <= 1)
    #expect(rates[120] > 0.9)
    #expect(zip(rates[100...], rates[101...]).allSatisfy { $0 > $1 })
    #expect(rates[999] < 1e-5)
  }
}
