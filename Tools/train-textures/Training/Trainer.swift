import Engine
import PretrainedNets
import Textures

/// Trains the network of textures: Adam (Kingma and Ba, ICLR 2015) on the cross entropy of batches
/// of fresh pictures.
///
/// The same plan gives the same bytes, on any number of threads, and whether it was interrupted or
/// not.
package final class Trainer {
  package let plan: TrainingPlan
  /// How many steps are taken.
  package private(set) var step = 0
  /// The loss of each step so far, in nats a picture.
  package private(set) var losses: [Float] = []

  private let program: Program
  private let pictures: Graph.Node
  private let targets: Graph.Node
  private let scores: Graph.Node
  private let threads: ThreadPool
  private var optimizer: Adam

  /// Weights are drawn as He et al. do for rectifiers (ICCV 2015), biases are zero.
  ///
  /// - Throws: ``EngineError`` where memory is not to be had.
  package init(_ plan: TrainingPlan, threads: ThreadPool) throws(EngineError) {
    (self.plan, self.threads) = (plan, threads)
    optimizer = Adam(learningRate: plan.learningRate)
    let network = plan.architecture
    let random = RandomSource(seed: plan.seed)
    var graph = Graph()
    var layers: UInt64 = 0
    pictures = graph.input([plan.batch, 3, network.inputSize, network.inputSize])
    targets = graph.input([plan.batch, network.classCount, 1, 1])
    let prepared = try network.preprocessing.build(in: &graph, of: pictures)
    let nodes = try Architecture.build(
      network.ancestry(of: [network.scoreLayer]), in: &graph, from: prepared
    ) { (layer, graph) throws(EngineError) in
      layers += 1
      var source = random.member(layers)
      var nodes: [ParameterRole: Graph.Node] = [:]
      for (role, shape) in layer.parameters {
        let inputs = Float(shape.count / shape[0])
        let initial =
          role == .weight
          ? source.normal(shape, standardDeviation: (2 / inputs).squareRoot()) : Tensor(shape)
        nodes[role] = try graph.parameter(Self.name(role, of: layer.name), initial: initial)
      }
      return nodes
    }
    guard let scores = nodes[network.scoreLayer] else {
      preconditionFailure("the network has a layer of scores")
    }
    self.scores = scores
    let likelihood = try graph.innerProduct(try graph.logSoftmax(scores), targets)
    let loss = try graph.scale(likelihood, by: -1 / Float(plan.batch))
    program = try Program(
      minimizing: loss, over: Self.prefix, in: graph, observing: [scores], threads: threads)
  }

  private static let prefix = "weights."
  private static func name(_ role: ParameterRole, of layer: String) -> String {
    "\(prefix)\(layer).\(role)"
  }

  /// Takes one step.
  package func advance() {
    let first = step * plan.batch
    let numbers = first..<first + plan.batch
    draw(numbers, of: plan.pictures, treatment: plan.treatment)
    let classes = plan.architecture.classCount
    program.withUnsafeMutableInput(targets) { targets in
      targets.update(repeating: 0)
      for (place, number) in numbers.enumerated() {
        targets[place * classes + TextureSet.label(of: number).rawValue] = 1
      }
    }
    losses.append(program.forwardAndBackward())
    optimizer.learningRate = plan.learningRate(at: step)
    program.step(&optimizer)
    step += 1
  }

  /// What the network, as it is now, takes held-out pictures for; there are as many as asked for,
  /// rounded up to whole batches.
  package func measure(pictures count: Int) -> Confusion {
    var confusion = Confusion()
    for first in stride(from: 0, to: count, by: plan.batch) {
      let numbers = first..<first + plan.batch
      draw(numbers, of: plan.heldOut, treatment: plan.treatment)
      program.forward()
      program.withSpan(of: scores) { confusion.add($0, of: numbers) }
    }
    return confusion
  }

  private func draw(
    _ numbers: Range<Int>, of set: TextureSet,
    treatment: (TextureClass) -> TextureSet.Treatment
  ) {
    program.withUnsafeMutableInput(pictures) { target in
      set.draw(
        numbers, side: plan.architecture.inputSize, into: target, treatment: treatment,
        threads: threads)
    }
  }
}

// MARK: - State

extension Trainer {
  /// The weights as they are now, by layer.
  ///
  /// - Throws: never in fact: the program has a parameter for each.
  package func weights() throws(EngineError) -> [String: LayerWeights] {
    var weights: [String: LayerWeights] = [:]
    for layer in plan.architecture.weightedLayers {
      var tensors: [ParameterRole: Tensor] = [:]
      for (role, _) in layer.parameters {
        tensors[role] = try program.parameter(Self.name(role, of: layer.name))
      }
      weights[layer.name] = LayerWeights(tensors)
    }
    return weights
  }

  /// What the optimiser remembers.
  var optimizerState: OptimizerState { optimizer.state }

  /// Goes on from where another trainer of this plan was after `losses.count` steps.
  ///
  /// - Throws: ``EngineError`` where shapes do not fit.
  func resume(
    weights: [String: LayerWeights], moments: [Tensor], losses: [Float]
  ) throws(EngineError) {
    let expected = program.parameters.shape
    let state = OptimizerState(steps: losses.count, tensors: moments)
    guard optimizer.restore(state, parameterCount: expected.count) else {
      throw .mismatch(name: "the optimiser", expected: expected, found: moments[0].shape)
    }
    for (layer, own) in weights {
      for (role, tensor) in own.tensors {
        try program.setParameter(Self.name(role, of: layer), to: tensor)
      }
    }
    (step, self.losses) = (losses.count, losses)
  }
}
