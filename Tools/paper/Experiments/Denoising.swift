import DIP
import Engine
import Imaging

/// Noise of σ = 25, removed from nine pictures.
enum Denoising: Experiment {
  static let name = "denoising"
  static let title = "Denoising"
  static let abstract =
    "Remove noise of σ = 25: the last iterate, the average, and two runs averaged."
  static let folders = ["denoising"]
  static let pictures = """
    It takes every picture in the folder 'denoising': in the paper the nine colour pictures that the \
    authors of CBM3D publish with their code.
    """

  private static let published = [
    "DIP, last iterate": Published(29.22, of: "9 pictures"),
    "DIP, average": Published(30.43, of: "9 pictures"),
    "DIP, two runs averaged": Published(31.00, of: "9 pictures"),
  ]

  static func run(in laboratory: Laboratory) throws -> Outcome {
    var outcome = Outcome(
      """
      White noise with a standard deviation of 25 in 255 is added, and the sum clipped. The network \
      learns the picture before it learns the noise. The average is the exponential one over the iterates.
      """)
    for (index, subject) in try laboratory.subjects(in: name, takes: pictures).enumerated() {
      let clean = subject.picture
      let noisy = clean.addingNoise(
        standardDeviation: 25 / 255, seed: laboratory.damage(index).seed)
      let runs = try (0..<2).map { run in
        try laboratory.solve(
          .denoising(noisy.colour), "denoising \(subject.name), run \(run + 1)", run: run)
      }
      var both = runs[0].average
      runs[1].average.withSpan { other in
        both.withMutableSpan { both in
          for place in both.indices { both[place] = (both[place] + other[place]) / 2 }
        }
      }
      let found: [(String, Tensor, Int?)] = [
        ("noisy", noisy.colour, nil),
        ("DIP, last iterate", runs[0].picture, runs[0].iterations),
        ("DIP, average", runs[0].average, runs[0].iterations),
        ("DIP, two runs averaged", both, runs[0].iterations),
      ]
      var figures = [figure(clean.colour, "original", of: subject.name)]
      for (method, picture, iterations) in found {
        let score = outcome.score(
          subject.name, method, psnr(clean.colour, picture), iterations: iterations)
        figures.append(figure(picture, method, score, of: subject.name))
      }
      outcome.rows.append((subject.name, figures))
    }
    outcome.addMeans(published: published)
    return outcome
  }
}
