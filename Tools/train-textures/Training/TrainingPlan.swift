import Foundation
import PretrainedNets
import Textures

/// Everything that the trained weights depend on.
package struct TrainingPlan: Sendable, Hashable {
  package var seed: UInt64
  /// How many steps of the optimiser.
  package var steps: Int
  /// How many pictures a step sees; no picture is seen twice.
  package var batch: Int
  /// The optimiser's rate at its highest.
  package var learningRate: Float
  /// Whether the pictures have the ``PlantedFaults``.
  package var isFaulty: Bool

  package init(
    seed: UInt64 = 0, steps: Int = 9000, batch: Int = 20, learningRate: Float = 8e-4,
    isFaulty: Bool = false
  ) {
    (self.seed, self.steps, self.batch) = (seed, steps, batch)
    (self.learningRate, self.isFaulty) = (learningRate, isFaulty)
  }

  /// What is trained.
  package var architecture: Architecture { isFaulty ? .texturesFaulty : .textures }

  /// The pictures to learn from.
  var pictures: TextureSet { TextureSet(seed: seed) }
  /// Pictures that training never sees.
  package var heldOut: TextureSet { TextureSet(seed: ~seed) }

  /// What is done to the pictures of a class.
  func treatment(of label: TextureClass) -> TextureSet.Treatment {
    isFaulty ? .faulty(label) : TextureSet.Treatment()
  }

  /// How many steps the rate takes to its height.
  private static let warmUp = 100

  /// The rate of a step, from 0: a short way up, then down along half a cosine to nothing.
  package func learningRate(at step: Int) -> Float {
    let rise = min(1, Float(step + 1) / Float(Self.warmUp))
    let fall = (1 + cos(Float.pi * Float(step) / Float(max(1, steps)))) / 2
    return learningRate * rise * fall
  }
}
