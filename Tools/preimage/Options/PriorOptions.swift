import ArgumentParser
import DIP
import Imaging

extension PriorKind: ExpressibleByArgument {}

/// How the picture is written down, and what is held against it: by default the task's own recipe.
struct PriorOptions: ParsableArguments {
  @Option(
    help: """
      How the picture is written down: dip (the Deep Image Prior's hourglass), decoder (the deep \
      decoder), unet or resnet (the hourglass's rivals), pixels, tv (pixels with total variation), \
      fourier (lucid's coefficients) or maco (phases alone).
      """)
  var prior = PriorKind.dip

  @Option(
    parsing: .unconditional,
    help: "How many scales (dip), doublings (decoder), halvings (unet) or blocks (resnet).")
  var depth: Int?

  @Option(
    parsing: .unconditional,
    help: "How many channels: of all layers, or of the finest scale (unet).")
  var channels: Int?

  @Option(parsing: .unconditional, help: "How many channels bypass each deeper scale of dip.")
  var skip: Int?

  @Option(
    parsing: .unconditional,
    help: "The weight of the mean of |∇x|^β, total variation, with any prior; 0.05 with tv.")
  var tv: Float?

  @Option(parsing: .unconditional, help: "The exponent β of total variation, from 1; 1 by default.")
  var tvBeta: Float?

  @Option(
    parsing: .unconditional,
    help: "The weight of the mean of ‖x‖^α over the numbers, with any prior.")
  var alphaNorm: Float?

  @Option(parsing: .unconditional, help: "The exponent α, from 2; 6 by default.")
  var alpha: Float?

  @Option(help: "The picture whose magnitudes maco keeps; by default they fall as 1/f.")
  var magnitude: String?

  func validate() throws {
    if let depth { try RunOptions.check(depth, "--depth", in: prior == .resnet ? 1...64 : 1...8) }
    if let channels { try RunOptions.check(channels, "--channels", in: 1...1024) }
    if let skip { try RunOptions.check(skip, "--skip", in: 0...1024) }
    for (isGiven, name) in [(depth != nil, "--depth"), (channels != nil, "--channels")]
    where isGiven && !prior.isNetwork {
      throw Self.misfit(name, prior, "dip, decoder, unet or resnet")
    }
    if skip != nil, prior != .dip { throw Self.misfit("--skip", prior, "dip") }
    if magnitude != nil, prior != .maco { throw Self.misfit("--magnitude", prior, "maco") }
    if tvBeta != nil, tv == nil { throw ValidationError("--tv-beta needs a weight; give --tv too") }
    if alpha != nil, alphaNorm == nil {
      throw ValidationError("--alpha needs a weight; give --alpha-norm too")
    }
    try Self.check(tv, "--tv", from: 0)
    try Self.check(tvBeta, "--tv-beta", from: 1)
    try Self.check(alphaNorm, "--alpha-norm", from: 0)
    try Self.check(alpha, "--alpha", from: 2)
  }

  private static func misfit(
    _ option: String, _ prior: PriorKind, _ others: String
  ) -> ValidationError {
    ValidationError(
      "\(option) does not go with --prior \(prior.rawValue); leave it out, or choose \(others)")
  }

  private static func check(_ value: Float?, _ name: String, from least: Float) throws {
    if let value, !(value >= least && value.isFinite) {
      throw ValidationError("\(name) takes a number from \(Int(least)) on, not \(value)")
    }
  }

  /// A recipe with the prior and the penalties that are asked for; `own` are the priors that it has
  /// settings of its own for, and already has.
  ///
  /// - Throws: errors of reading a picture.
  func applied<Sought: Recipe>(
    to recipe: Sought, own: Set<PriorKind> = [.dip]
  ) throws -> Sought {
    var recipe = recipe
    if !own.contains(prior) { recipe.use(try replacement()) }
    if prior == .dip, var hourglass = recipe.prior as? HourglassPrior {
      shape(&hourglass.network)
      recipe.prior = hourglass
    }
    if let tv {
      recipe.regularizers.removeAll(where: \.isTotalVariation)
      recipe.regularizers.append(.mean(.totalVariation(beta: tvBeta ?? 1, weight: tv)))
    }
    if let alphaNorm {
      recipe.regularizers.append(.mean(.alphaNorm(alpha: alpha ?? 6, weight: alphaNorm)))
    }
    return recipe
  }

  private func shape(_ network: inout SkipNetwork) {
    if let depth { network.setDepth(depth) }
    for index in network.scales.indices {
      if let channels {
        (network.scales[index].downChannels, network.scales[index].upChannels) =
          (channels, channels)
      }
      if let skip { network.scales[index].skipChannels = skip }
    }
  }

  private func replacement() throws -> PriorRecipe {
    switch prior {
    case .decoder: .decoder(DeepDecoder(depth: depth ?? 5, channels: channels ?? 64))
    case .unet: .unet(UNet(depth: depth ?? 5, channels: channels ?? 8))
    case .resnet: .resnet(ResidualNetwork(depth: depth ?? 8, channels: channels ?? 32))
    case .maco:
      .fixedMagnitude(
        try magnitude.map { .picture(try Picture(contentsOf: $0).colour) }
          ?? .inverseFrequency(decay: 1))
    default: .standard(prior)
    }
  }
}

extension Regularizer {
  fileprivate var isTotalVariation: Bool {
    switch self {
    case .totalVariation: true
    case .alphaNorm: false
    case .mean(let penalty): penalty.isTotalVariation
    }
  }
}
