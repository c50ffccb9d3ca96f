import DIP
import Diagnosis
import Engine
import Foundation
import Imaging
import Inversion
import PretrainedNets
import Reporting
import Terminal

/// What `preimage demo` shows: a picture inverted at three layers and three classes maximised, each with
/// the Deep Image Prior and with total variation.
struct Demonstration {
  let classifier: Classifier
  /// `[1, 3, H, W]`, R, G, B, 0 ... 1.
  let picture: Tensor
  /// Of each inversion with the Deep Image Prior; a maximisation with it takes half as many.
  let iterations: Int
  let seed: UInt64
  let threads: ThreadPool
  let isQuiet: Bool

  static let layers = [("pool1", "early"), ("conv4", "middle"), ("fc7", "late")]
  static let classes = ["spirals", "dots", "rings"]
  static let priors: [PriorKind] = [.dip, .tv]

  /// A picture that was found, and what came of it.
  struct Found {
    /// What its file is called.
    let name: String
    /// What it was sought for: a layer or a class.
    let target: String
    let prior: PriorKind
    let picture: Picture
    /// The feature error, or the excitation.
    let score: Float
    let prediction: Prediction?
    let seconds: Double
  }

  // MARK: Searches

  /// The picture inverted at each layer with each prior.
  ///
  /// - Throws: errors of the search.
  func inversions() throws -> [Found] {
    try Self.layers.flatMap { layer, _ in
      try Self.priors.map { prior in
        var inversion = try FeatureInversion.search(
          prior, picture, layers: [.init(layer)], of: classifier, threads: threads)
        if prior == .dip {
          // Small pictures and few iterations bear a higher rate than the authors' 0.001.
          inversion.plan = SolvePlan(iterations: iterations, learningRate: 0.01)
          inversion.plan.keepsBest = true
        } else {
          // The recipe's strengths are for photographs of 227 pixels; here they leave plain grey.
          inversion.regularizers = inversion.regularizers.map { $0.scaled(by: 0.002) }
        }
        let solution = try solve(inversion, "invert \(layer), \(prior.rawValue)")
        guard let best = solution.best else { throw TrialError.diverged }
        return try found(
          "\(layer)-\(prior.rawValue)", layer, prior, best.picture,
          FeatureEnergy.errors(in: best.observed).first?.1 ?? 0, solution.seconds)
      }
    }
  }

  /// A picture of each class with each prior.
  ///
  /// - Throws: errors of the search.
  func maximizations() throws -> [Found] {
    try Self.classes.flatMap { name in
      let excitation = Excitation.score(
        ofClass: try classifier.architecture.labels.index(of: name))
      return try Self.priors.map { prior in
        var maximization = Maximization.search(prior, excitation, of: classifier)
        maximization.plan.iterations = prior == .dip ? iterations / 2 : iterations
        let solution = try solve(maximization, "maximize \(name), \(prior.rawValue)")
        return try found(
          "\(name)-\(prior.rawValue)", name, prior, solution.picture,
          solution.observed.first?.value ?? 0, solution.seconds)
      }
    }
  }

  private func solve<Sought>(_ search: PictureSearch<Sought>, _ task: String) throws -> Solution {
    let solver = try search.solver(random: RandomSource(seed: seed), threads: threads)
    var meter = ProgressMeter(task: task, total: search.plan.iterations)
    return try solver.run { (iterate: Iterate) throws -> Void in
      if isQuiet { return }
      meter.update(done: iterate.iteration + 1) {
        "loss \(String(format: "%.4g", iterate.loss))"
      }
    }
  }

  private func found(
    _ name: String, _ target: String, _ prior: PriorKind, _ picture: Tensor, _ score: Float,
    _ seconds: Double
  ) throws -> Found {
    let clamped = picture.clamped()
    return Found(
      name: name, target: target, prior: prior, picture: Picture(colour: clamped), score: score,
      prediction: try classifier.classify(clamped, top: 1, threads: threads).first,
      seconds: seconds)
  }

  // MARK: The page

  /// The page that shows what was found.
  func page(
    _ inverted: [Found], _ maximized: [Found], facts: [(term: String, value: String)]
  ) throws -> Page {
    let labels = classifier.architecture.labels
    let seen = try classifier.classify(picture, top: 1, threads: threads).first
    let original = Figure(
      Picture(colour: picture), alternative: "the picture itself",
      caption: ["The picture", seen.map { "seen as \($0.line(labels))" } ?? ""])
    func figure(_ found: Found, _ score: String) -> Figure {
      Figure(
        found.picture,
        alternative: "what \(found.prior.title) found for \(found.target)",
        caption: [
          found.prior.title, score, found.prediction.map { "seen as \($0.line(labels))" } ?? "",
          String(format: "%.0f s", found.seconds),
        ])
    }
    return Page(
      title: "What a network keeps, and what it means",
      lead: [
        "The network that ships with preimage tells \(labels.names.count) kinds of texture apart. "
          + "Every picture below but the first was found by optimisation, from nothing but the "
          + "network's own numbers."
      ],
      sections: [
        Page.Section(
          "What the layers keep",
          text: [
            "Each picture has nearly the same features as the original at one layer. What is alike is "
              + "what the layer keeps; what differs is what it has thrown away, and the prior has "
              + "filled in."
          ],
          rows: Self.layers.map { layer, depth in
            (
              "\(layer), \(depth)",
              [original]
                + inverted.filter { $0.target == layer }.map {
                  figure($0, String(format: "feature error %.4f", $0.score))
                }
            )
          }),
        Page.Section(
          "What the classes mean",
          text: ["Each picture excites the score of one class as far as its prior lets it."],
          rows: Self.classes.map { name in
            (
              name,
              maximized.filter { $0.target == name }.map {
                figure($0, String(format: "score %.1f", $0.score))
              }
            )
          }),
      ], facts: facts)
  }
}
