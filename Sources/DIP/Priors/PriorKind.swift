/// The ways of writing down a picture that commands and comparisons know by name.
public enum PriorKind: String, Sendable, Hashable, Codable, CaseIterable {
  case dip, decoder, unet, resnet, pixels, tv, fourier, maco

  /// What people call it.
  public var title: String {
    switch self {
    case .dip: "Deep Image Prior"
    case .decoder: "Deep decoder"
    case .unet: "U-Net"
    case .resnet: "ResNet"
    case .pixels: "Pixels"
    case .tv: "Total variation"
    case .fourier: "Fourier coefficients"
    case .maco: "Phases alone"
    }
  }

  /// Whether it is a network, with channels of its own to choose.
  public var isNetwork: Bool { [.dip, .decoder, .unet, .resnet].contains(self) }
}

extension PriorRecipe {
  /// A prior as its authors have it, whatever the task; of the Deep Image Prior the standard hourglass, by
  /// Adam 0.01 in 2000 iterations, as it enlarges.
  public static func standard(_ kind: PriorKind) -> PriorRecipe {
    switch kind {
    case .dip:
      PriorRecipe(
        HourglassPrior(.standard()), plan: SolvePlan(iterations: 2000, learningRate: 0.01))
    case .decoder: .decoder()
    case .unet: .unet()
    case .resnet: .resnet()
    case .pixels: .pixels
    case .tv: .totalVariation()
    case .fourier: .fourier
    case .maco: .fixedMagnitude()
    }
  }
}
