import Engine
import Foundation
import Imaging
import Reporting

/// What came of an experiment.
struct Outcome {
  var scores: [Score] = []
  /// What is told of it on the page.
  var text: [String]
  var chart: Chart?
  var rows: [(title: String?, figures: [Figure])] = []

  init(_ text: String...) { self.text = text }
}

/// How near a picture came to the truth.
struct Score {
  /// The picture, or the mean of several.
  var picture: String
  var method: String
  /// The peak signal-to-noise ratio.
  var decibels: Double
  /// As many as it took; `nil` where nothing was sought.
  var iterations: Int?
  var published: Published?
}

/// A number of the papers, and what it is of.
struct Published {
  var decibels: Double
  var of: String

  init(_ decibels: Double, of: String) { (self.decibels, self.of) = (decibels, of) }
}

extension Outcome {
  /// Adds a score, and returns what is told of it below a picture.
  mutating func score(
    _ picture: String, _ method: String, _ decibels: Double, iterations: Int? = nil,
    published: Published? = nil
  ) -> String {
    scores.append(
      Score(
        picture: picture, method: method, decibels: decibels, iterations: iterations,
        published: published))
    return String(format: "%.2f dB", decibels)
      + (published.map { String(format: "; published: %.2f dB", $0.decibels) } ?? "")
  }

  /// Adds the means of the scores of each method since `start`, beside the published ones.
  mutating func addMeans(
    since start: Int = 0, of set: String = "", published: [String: Published] = [:]
  ) {
    let scores = scores[start...]
    var methods: [String] = []
    for score in scores where !methods.contains(score.method) { methods.append(score.method) }
    for method in methods {
      let those = scores.filter { $0.method == method }
      let mean = those.reduce(0) { $0 + $1.decibels } / Double(those.count)
      _ = score(
        "\(set.isEmpty ? "" : "\(set), ")mean of \(those.count)", method, mean,
        iterations: those.first?.iterations, published: published[method])
    }
  }
}

/// A picture as it is on the page.
func figure(_ picture: Tensor, _ title: String, _ lines: String..., of name: String) -> Figure {
  Figure(
    Picture(colour: picture.clamped()), alternative: "\(name), \(title)", caption: [title] + lines)
}
