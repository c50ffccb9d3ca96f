import DIP
import Engine
import Imaging
import Reporting

/// Why the prior works: what the network learns soon and what late.
enum LearningCurves: Experiment {
  static let name = "curves"
  static let title = "Why it works: learning curves"
  static let abstract =
    "Fit a picture, the picture with noise, its pixels shuffled, and noise alone."
  static let folders = ["curves"]
  static let pictures = "It takes the first picture in the folder 'curves'."

  static func run(in laboratory: Laboratory) throws -> Outcome {
    var outcome = Outcome(
      """
      The same network is fitted to a picture, to the picture with noise of σ = 25, to its pixels in random \
      order and to uniform noise. It takes to pictures fast and resists noise, though it can fit both in \
      the end. The scores tell how near the last iterate came to what was to be fitted.
      """)
    guard let subject = try laboratory.subjects(in: name, takes: pictures).first else {
      return outcome
    }
    let picture = subject.picture
    var random = laboratory.damage(1)
    let targets = [
      ("picture", picture.colour),
      (
        "picture and noise",
        picture.addingNoise(standardDeviation: 25 / 255, seed: laboratory.damage(0).seed).colour
      ),
      ("pixels shuffled", shuffled(picture.colour, &random)),
      ("noise", random.uniform(picture.colour.shape, in: 0..<1)),
    ]
    var lines: [Chart.Line] = []
    for (title, target) in targets {
      var line = Chart.Line(title, points: [])
      let solution = try laboratory.solve(
        Restoration(
          observed: target, degradation: .identity, prior: HourglassPrior(.standard()),
          plan: SolvePlan(iterations: 1800, learningRate: 0.01)), "curves, \(title)"
      ) { line.points.append((Double($0.iteration + 1), Double($0.loss))) }
      lines.append(line)
      let score = outcome.score(
        subject.name, "fit to: \(title)", psnr(target, solution.picture),
        iterations: solution.iterations)
      outcome.rows.append(
        (
          title,
          [
            figure(target, "to be fitted", of: title),
            figure(solution.picture, "last iterate", score, of: title),
          ]
        ))
    }
    outcome.chart = Chart(
      x: .init("iteration", isLogarithmic: true),
      y: .init("loss: mean squared error, of values 0 to 1", isLogarithmic: true), lines: lines,
      alternative: "The loss over the iterations, of \(targets.map(\.0).joined(separator: ", "))")
    return outcome
  }

  /// The pixels in random order, each with its colours.
  private static func shuffled(_ picture: Tensor, _ random: inout RandomSource) -> Tensor {
    let plane = picture.shape[2] * picture.shape[3]
    var order = Array(0..<plane)
    for place in order.indices.dropFirst().reversed() {
      order.swapAt(place, random.integer(in: 0...place))
    }
    let elements = picture.elements
    return Tensor(
      picture.shape,
      elements.indices.map { elements[$0 / plane * plane + order[$0 % plane]] })
  }
}
