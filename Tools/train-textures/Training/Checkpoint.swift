import Engine
import Imaging
import PretrainedNets

/// A training on its way, in a file: a file of weights like any other, with the state of the
/// optimiser and the losses so far beside them.
package enum Checkpoint {
  /// Why a training cannot go on from a file.
  package enum Failure: Error, Equatable, CustomStringConvertible {
    case otherPlan(file: String)

    package var description: String {
      switch self {
      case .otherPlan(let file):
        "\(file): the checkpoint of a training with other settings; "
          + "give the settings it was begun with, or leave out --resume"
      }
    }
  }

  private static let state = [
    "/training/plan", "/training/losses", "/training/moments/first", "/training/moments/second",
  ]

  /// Writes where a trainer is, which has taken a step at least.
  ///
  /// - Throws: ``OutputError``.
  package static func write(_ trainer: Trainer, to path: String) throws {
    let losses = Tensor([trainer.losses.count], trainer.losses)
    try WeightFile.write(
      tensors: WeightFile.caffeTensors(try trainer.weights())
        + zip(state, [numbers(of: trainer.plan), losses] + trainer.optimizerState.tensors)
        .map { ($0, $1) },
      as: .single, to: path)
  }

  /// Brings a new trainer to where the one was that wrote the file.
  ///
  /// - Throws: ``WeightFileError`` or ``EngineError`` where the file is none, ``Failure`` where it is of
  ///   another plan.
  package static func resume(_ trainer: Trainer, from path: String) throws {
    let file = try WeightFile(at: path)
    let kept = try file.tensors(at: state)
    guard kept[0] == numbers(of: trainer.plan) else { throw Failure.otherPlan(file: path) }
    let network = trainer.plan.architecture
    try trainer.resume(
      weights: try file.weights(of: network.weightedLayers, network: network.name),
      moments: [kept[2], kept[3]], losses: kept[1].elements)
  }

  /// A plan as numbers that single precision holds without loss.
  private static func numbers(of plan: TrainingPlan) -> Tensor {
    func pieces(_ number: UInt64) -> [Float] {
      (0..<4).map { Float(UInt16(truncatingIfNeeded: number >> (16 * $0))) }
    }
    let numbers =
      pieces(plan.seed) + pieces(UInt64(plan.steps)) + pieces(UInt64(plan.batch))
      + [plan.learningRate, plan.isFaulty ? 1 : 0]
    return Tensor([numbers.count], numbers)
  }
}
