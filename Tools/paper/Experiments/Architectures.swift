import DIP
import Imaging

/// The same region filled by networks of other depths, with skips and without, and of other kinds.
enum Architectures: Experiment {
  static let name = "architectures"
  static let title = "Architectures"
  static let abstract =
    "Fill a region by hourglasses of several depths, with skips, U-Net and ResNet."
  static let folders = ["architectures"]
  static let pictures = """
    It takes every picture in the folder 'architectures' that has a mask beside it, library_mask.png for \
    library.png, black where the region is.
    """

  /// The hourglass of the authors' comparison.
  private static func hourglass(_ depth: Int, skip: Int = 0) -> PriorRecipe {
    var network = SkipNetwork(
      scales: [16, 32, 64, 128, 128, 128].prefix(depth).map {
        SkipNetwork.Scale(down: $0, up: $0, skip: skip, downKernel: 5, upsampling: .nearest)
      })
    network.mixes = false
    return PriorRecipe(
      HourglassPrior(network, input: .noise(channels: 1)),
      plan: SolvePlan(iterations: 3001, learningRate: 0.01))
  }

  private static let recipes: [(name: String, recipe: PriorRecipe)] = [
    ("hourglass, depth 6", hourglass(6)), ("hourglass, depth 4", hourglass(4)),
    ("hourglass, depth 2", hourglass(2)), ("hourglass, depth 6, skips", hourglass(6, skip: 4)),
    ("U-Net", .unet()), ("ResNet", .resnet()),
  ]

  static func run(in laboratory: Laboratory) throws -> Outcome {
    var outcome = Outcome(
      """
      A deep network ties together what is far apart, and fills a region with what is around it; a shallow \
      one does not reach across, and skips let it fit without. The score is against the picture as it \
      lies in the folder, and says nothing where the region is no part of it.
      """)
    for subject in try laboratory.maskedSubjects(in: name, takes: pictures) {
      let clean = subject.picture.colour
      var figures = [
        figure(clean, "original", of: subject.name),
        figure(clean.filled(with: nil, where: subject.known), "what is known", of: subject.name),
      ]
      for (name, recipe) in recipes {
        var restoration = Restoration.inpainting(clean, mask: subject.known, holes: .region)
        restoration.use(recipe)
        let solution = try laboratory.solve(restoration, "\(subject.name), \(name)")
        let filled = clean.filled(with: solution.picture, where: subject.known)
        let score = outcome.score(
          subject.name, name, psnr(clean, filled), iterations: solution.iterations)
        figures.append(figure(filled, name, score, of: subject.name))
      }
      outcome.rows.append((subject.name, figures))
    }
    return outcome
  }
}
