/// What every task is a recipe over, besides its energy: how a picture is written down, what is held
/// against it, and how it is sought.
public protocol Recipe: Sendable {
  var prior: any Prior { get set }
  var regularizers: [Regularizer] { get set }
  var plan: SolvePlan { get set }
}

/// A prior with the penalties and the plan that its authors seek pictures with.
public struct PriorRecipe: Sendable {
  public var prior: any Prior
  public var regularizers: [Regularizer]
  public var plan: SolvePlan

  public init(_ prior: any Prior, regularizers: [Regularizer] = [], plan: SolvePlan) {
    (self.prior, self.regularizers, self.plan) = (prior, regularizers, plan)
  }
}

extension Recipe {
  /// Takes another prior's place, penalties and plan; which iterate is the best is the task's.
  public mutating func use(_ other: PriorRecipe) {
    let (keepsBest, stopping) = (plan.keepsBest, plan.stopping)
    (prior, regularizers, plan) = (other.prior, other.regularizers, other.plan)
    (plan.keepsBest, plan.stopping) = (keepsBest, stopping)
  }
}

extension PriorRecipe {
  /// The deep decoder, by Adam 0.01 in 1900 iterations, as its authors' notebook denoises.
  public static func decoder(_ decoder: DeepDecoder = DeepDecoder()) -> PriorRecipe {
    PriorRecipe(DecoderPrior(decoder), plan: SolvePlan(iterations: 1900, learningRate: 0.01))
  }

  /// The U-Net, by Adam 0.001 in 3001 iterations, as the Deep Image Prior's authors inpaint with it.
  public static func unet(_ network: UNet = UNet()) -> PriorRecipe {
    PriorRecipe(UNetPrior(network), plan: SolvePlan(iterations: 3001, learningRate: 0.001))
  }

  /// The ResNet, by Adam 0.001 in 3001 iterations, as the Deep Image Prior's authors inpaint with it.
  public static func resnet(_ network: ResidualNetwork = ResidualNetwork()) -> PriorRecipe {
    PriorRecipe(ResidualPrior(network), plan: SolvePlan(iterations: 3001, learningRate: 0.001))
  }

  /// Pixels from weak noise, by Adam 0.01 in 2000 iterations, as the Deep Image Prior's authors compare
  /// with in super-resolution.
  public static let pixels = PriorRecipe(
    PixelPrior(start: .uniform(0..<0.1)), plan: SolvePlan(iterations: 2000, learningRate: 0.01))

  /// The same with total variation: `weight` times the mean of |∇x|^β. The default is about what the
  /// authors give to super-resolution, 10⁻⁷ times the sum at 576×384; noise takes more, of a deviation of
  /// 25 in 255 some 0.15.
  public static func totalVariation(weight: Float = 0.05, beta: Float = 1) -> PriorRecipe {
    var recipe = pixels
    recipe.regularizers = [.mean(.totalVariation(beta: beta, weight: weight))]
    return recipe
  }

  /// Fourier coefficients in decorrelated colours, by Adam 0.05 in 512 iterations, as lucid but for the livelier start.
  public static let fourier = PriorRecipe(
    FourierPrior(), plan: SolvePlan(iterations: 512, learningRate: 0.05))

  /// The phases of Fourier coefficients alone, by the same steps.
  public static func fixedMagnitude(
    _ magnitudes: FixedMagnitudePrior.Magnitudes = .inverseFrequency(decay: 1)
  ) -> PriorRecipe {
    PriorRecipe(
      FixedMagnitudePrior(magnitudes), plan: SolvePlan(iterations: 512, learningRate: 0.05))
  }
}
