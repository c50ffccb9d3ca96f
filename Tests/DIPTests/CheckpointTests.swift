import DIP
import Engine
import Foundation
import TestSupport
import Testing

/// A run that was interrupted, kept as bytes, and gone on with by another solver.
@Suite("Checkpoints")
struct CheckpointTests {
  private struct Distance: Energy {
    var target: Tensor

    func build(in graph: inout Graph, of image: Graph.Node) throws -> EnergyTerms {
      var terms = EnergyTerms(
        loss: try graph.meanSquaredError(image, graph.constant(target)), picture: image)
      terms.heldOut = terms.loss
      terms.observed = [("distance", terms.loss)]
      return terms
    }
  }

  /// What a plan can have that is remembered from one iteration to the next.
  enum Memory: String, CaseIterable {
    case adam, momentum, descent, lbfgs, phases, backtracking, best
    case movingVariance, windowedVariance, heldOut, langevin

    static let iterations = 14

    var plan: SolvePlan {
      var plan = SolvePlan(iterations: Self.iterations, learningRate: 0.01, inputNoise: 0.03)
      func all(_ optimizer: any Optimizer) -> [SolvePlan.Phase] {
        [.init(iterations: Self.iterations, optimizer: optimizer)]
      }
      switch self {
      case .adam: break
      case .momentum: plan.phases = all(Momentum(learningRate: 0.01))
      case .descent: plan.phases = all(PreimageDescent(learningRate: 0.01))
      case .lbfgs: plan.phases = all(LBFGS(learningRate: 0.1, history: 4))
      case .phases:
        plan.phases = [
          .init(iterations: 5, optimizer: Adam(learningRate: 0.01)),
          .init(iterations: 4, optimizer: nil),
          .init(iterations: 5, optimizer: Momentum(learningRate: 0.01)),
        ]
      case .backtracking: plan.backtracking = .init(interval: 3, tolerance: 0.01)
      case .best: plan.keepsBest = true
      case .movingVariance: plan.stopping = StopRule(.movingVariance(weight: 0.1), patience: 4)
      case .windowedVariance: plan.stopping = StopRule(.windowedVariance(window: 3))
      case .heldOut: plan.stopping = .heldOutError
      case .langevin: plan.langevin = .init(burnIn: 3)
      }
      return plan
    }
  }

  private static func solver(_ plan: SolvePlan, side: Int = 16) throws -> Solver {
    let network = SkipNetwork(scales: [
      .init(down: 4, up: 4, skip: 2), .init(down: 4, up: 4, skip: 2),
    ])
    var random = RandomSource(seed: 8)
    let target = random.uniform([1, 1, side, side], in: 0..<1)
    return try Solver(
      prior: HourglassPrior(network, input: .noise(channels: 3)), channels: 1, height: side,
      width: side, energy: Distance(target: target), plan: plan, random: RandomSource(seed: 4),
      threads: try ThreadPool(threads: 2))
  }

  /// The bytes of a checkpoint of a run that is stopped after so many iterations.
  private static func interrupted(_ plan: SolvePlan, after count: Int) throws -> Data {
    var kept: Data?
    _ = try solver(plan).run(
      keepingEvery: .infinity,
      keep: { state in
        #expect(state.iteration == count)
        kept = try Checkpoint(settings: ["task": "test"], state: state).encoded()
      },
      observe: { if $0.iteration == count - 1 { $0.stop() } })
    return try #require(kept)
  }

  @Test(
    "an interrupted run ends as one that never was", arguments: Memory.allCases, [1, 3, 7, 9, 13])
  func resumes(memory: Memory, count: Int) throws {
    let whole = try Self.solver(memory.plan).run()
    #expect(whole.iterations == Memory.iterations && whole.end == .iterations)
    let checkpoint = try Checkpoint(decoding: Self.interrupted(memory.plan, after: count))
    let solver = try Self.solver(memory.plan)
    try solver.restore(checkpoint.state)
    var seen: [Int] = []
    let resumed = try solver.run { seen.append($0.iteration) }
    #expect(seen == Array(count..<Memory.iterations))
    #expect(resumed.picture == whole.picture && resumed.average == whole.average)
    #expect(resumed.loss == whole.loss && resumed.iterations == whole.iterations)
    #expect(resumed.best?.iteration == whole.best?.iteration)
    #expect(resumed.best?.picture == whole.best?.picture)
    #expect(resumed.best?.average == whole.best?.average)
    #expect(resumed.posterior?.mean == whole.posterior?.mean)
    #expect(resumed.posterior?.deviation == whole.posterior?.deviation)
  }

  @Test("the same state gives the same bytes, and goes through them unchanged")
  func roundTrip() throws {
    let data = try Self.interrupted(Memory.backtracking.plan, after: 7)
    var checkpoint = try Checkpoint(decoding: data)
    #expect(try checkpoint.encoded() == data)
    checkpoint.notes["trace"] = "1,2\n\"x\""
    checkpoint.tensors["sum"] = Tensor([2], [1, .infinity])
    let again = try Checkpoint(decoding: checkpoint.encoded())
    #expect(again.notes == checkpoint.notes && again.tensors == checkpoint.tensors)
  }

  @Test("states are kept as often as asked for")
  func interval() throws {
    var iterations: [Int] = []
    _ = try Self.solver(Memory.adam.plan).run(
      keepingEvery: 0, keep: { iterations.append($0.iteration) })
    // After the last there is a result.
    #expect(iterations == Array(1...Memory.iterations))
  }

  @Test("damaged bytes are told from whole ones")
  func damage() throws {
    let data = try Self.interrupted(Memory.adam.plan, after: 2)
    for count in stride(from: 0, to: data.count, by: 97) {
      #expect(throws: CheckpointError.self) { try Checkpoint(decoding: data.prefix(count)) }
    }
    for place in stride(from: 0, to: data.count, by: 61) {
      var damaged = data
      damaged[place] ^= 0x10
      #expect(throws: CheckpointError.self, "byte \(place)") {
        try Checkpoint(decoding: damaged)
      }
    }
    #expect(throws: CheckpointError.format) { try Checkpoint(decoding: Data("PNG, or what".utf8)) }
  }

  @Test("a checkpoint of another problem is refused, and nothing changed by it")
  func otherProblems() throws {
    let state = try Checkpoint(decoding: Self.interrupted(Memory.adam.plan, after: 2)).state
    func refusal(_ solver: Solver) -> String? {
      do throws(CheckpointError) {
        try solver.restore(state)
        return nil
      } catch { return error.description }
    }
    func text(_ what: String) -> String {
      "a checkpoint of another run: \(what); begin anew without it"
    }
    #expect(try refusal(Self.solver(Memory.lbfgs.plan)) == text("it is of another optimiser"))
    #expect(try refusal(Self.solver(Memory.heldOut.plan)) == text("it is of another stop rule"))
    #expect(
      try refusal(Self.solver(Memory.langevin.plan))
        == text("it is of a run without noise on the weights"))
    #expect(
      try refusal(Self.solver(Memory.adam.plan, side: 20))
        == text("it is of a picture of [1, 1, 16, 16]"))
    var short = Memory.adam.plan
    short.iterations = 1
    #expect(try refusal(Self.solver(short)) == text("it has done 2 of 1 iterations"))
    let pixels = try Solver(
      prior: PixelPrior(start: .uniform(0..<1)), channels: 1, height: 16, width: 16,
      energy: Distance(target: Tensor([1, 1, 16, 16])), plan: Memory.adam.plan,
      random: RandomSource(seed: 1), threads: ThreadPool(threads: 1))
    #expect(refusal(pixels) == text("it has the weights of another prior"))
  }

  @Test("settings are compared by name")
  func settings() throws {
    let state = try Checkpoint(decoding: Self.interrupted(Memory.adam.plan, after: 1)).state
    let checkpoint = Checkpoint(settings: ["seed": "1", "task": "denoise"], state: state)
    #expect(throws: Never.self) { try checkpoint.check(["seed": "1", "task": "denoise"]) }
    let error = #expect(throws: CheckpointError.self) {
      try checkpoint.check(["seed": "2", "task": "denoise"])
    }
    #expect(
      error?.description == """
        a checkpoint of another run, with seed 1 and not 2; give the settings that it was begun \
        with, or begin anew without it
        """)
    #expect(throws: CheckpointError.otherRun(setting: "prior", here: "dip", there: nil)) {
      try checkpoint.check(["seed": "1", "task": "denoise", "prior": "dip"])
    }
  }
}
