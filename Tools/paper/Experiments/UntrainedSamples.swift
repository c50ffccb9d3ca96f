import DIP
import Engine
import Imaging
import Reporting

/// What untrained networks make of noise.
enum UntrainedSamples: Experiment {
  static let name = "samples"
  static let title = "Samples from the prior"
  static let abstract = "Show what networks make of noise before anything is learnt."
  static let folders: [String] = []
  static let pictures = "It takes no pictures."

  private static func hourglass(_ depth: Int, skip: Int = 4) -> any Prior {
    var network = SkipNetwork.standard(skip: skip)
    network.setDepth(depth)
    return HourglassPrior(network)
  }

  private static let priors: [(name: String, prior: any Prior)] = [
    ("hourglass, 5 scales, skips", hourglass(5)),
    ("hourglass, 5 scales, no skips", hourglass(5, skip: 0)),
    ("hourglass, 2 scales, skips", hourglass(2)), ("U-Net", UNetPrior()),
    ("ResNet", ResidualPrior()),
    ("deep decoder", DecoderPrior()), ("pixels", PixelPrior(start: .uniform(0..<1))),
  ]

  static func run(in laboratory: Laboratory) throws -> Outcome {
    var outcome = Outcome(
      """
      Each picture is the output of a network with random weights, fed with random noise, and stretched to \
      the full range of values. What is likely to a prior has its structure: scales give patches of many sizes.
      """)
    let side = laboratory.side ?? 256
    for (name, prior) in priors {
      let figures = try (0..<3).map { number in
        let random = RandomSource(seed: laboratory.seed &+ UInt64(number))
        let sample = try prior.sample(
          channels: 3, height: side, width: side, random: random, threads: laboratory.threads)
        return figure(stretched(sample), "seed \(random.seed)", of: name)
      }
      outcome.rows.append((name, figures))
    }
    return outcome
  }

  /// The picture with its least number as 0 and its greatest as 1.
  private static func stretched(_ picture: Tensor) -> Tensor {
    let elements = picture.elements
    guard let low = elements.min(), let high = elements.max(), high > low else { return picture }
    return Tensor(picture.shape, elements.map { ($0 - low) / (high - low) })
  }
}
