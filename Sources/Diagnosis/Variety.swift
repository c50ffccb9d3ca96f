import DIP
import Engine
import Foundation
import Imaging
import Inversion
import PretrainedNets
import Reporting

/// Pictures that excite the same and are unlike each other, one sought after the other.
public struct Variety: Sendable {
  public let diversity: Diversity
  public let entries: [Entry]

  public struct Entry: Sendable {
    public let trial: Trial
    /// The likeness to the one it is most like, as ``Diversity/likeness(ofOther:)`` has it; `nil` for an
    /// only one.
    public let likeness: Double?
    /// What the network sees in it; empty where the weights do not reach that deep.
    public let predictions: [Prediction]
  }

  /// - Parameters:
  ///   - search: what is sought.
  ///   - count: how many pictures.
  ///   - diversity: what tells whether they are alike, and what it is worth that they are not.
  ///   - prior: the name of the search's own prior.
  ///   - seed: the first's; each one has the next.
  ///   - threads: what it spreads over.
  ///   - observe: called with each iterate, after the number of the search and of them all.
  /// - Throws: as ``Trial``.
  public init(
    of search: Maximization, count: Int, diversity: Diversity, prior: PriorKind, seed: UInt64,
    threads: ThreadPool,
    observe: (_ search: Int, _ count: Int, _ title: String, Iterate) throws -> Void = {
      _, _, _, _ in
    }
  ) throws {
    let classifier = search.energy.classifier
    var (search, diversity) = (search, diversity)
    var trials: [Trial] = []
    for index in 0..<count {
      search.energy.diversity = diversity
      let trial = try Trial(
        search, prior: prior, seed: seed &+ UInt64(index), threads: threads
      ) { try observe(index, count, prior.rawValue, $0) }
      if index == 0 { diversity.excitation = trial.value }
      try diversity.add(trial.picture, of: classifier, threads: threads)
      trials.append(trial)
    }
    self.diversity = diversity
    entries = try trials.enumerated().map { index, trial in
      let fitted = classifier.architecture.fit(Picture(colour: trial.picture))
      return Entry(
        trial: trial, likeness: diversity.likeness(ofOther: index).max(),
        predictions: classifier.canClassify
          ? try classifier.classify(fitted, top: 1, threads: threads) : [])
    }
  }
}

extension Variety {
  public func table(_ labels: ClassLabels) -> Table {
    var table = Table(columns: [
      .init("Picture"), .init("Excitation", isNumeric: true), .init("Likeness", isNumeric: true),
      .init("Seen as"), .init("Probability", isNumeric: true),
    ])
    for (index, entry) in entries.enumerated() {
      let best = entry.predictions.first
      table.append([
        "\(index + 1)", String(format: "%.4g", entry.trial.value),
        entry.likeness.map { String(format: "%.3f", $0) } ?? "",
        best.map { labels.name(of: $0.index) } ?? "",
        best.map { String(format: "%.4f", $0.probability) } ?? "",
      ])
    }
    return table
  }

  /// A page with the pictures in a row, and the table.
  public func page(
    title: String, _ labels: ClassLabels, facts: [(term: String, value: String)]
  ) -> Page {
    let figures = entries.enumerated().map { index, entry in
      Figure(
        Picture(colour: entry.trial.picture), alternative: "picture \(index + 1)",
        caption: [
          "Picture \(index + 1)", String(format: "excitation %.4g", entry.trial.value),
        ]
          + entry.predictions.map {
            String(format: "seen as %@, %.4f", labels.name(of: $0.index), $0.probability)
          })
    }
    return Page(
      title: title,
      lead: [
        """
        Each picture was sought after those before it, and excitation given for being unlike them. Likeness is \
        the cosine between the Gram matrices of the features at \(diversity.layer), to the picture that is most \
        alike: 1 where the same goes together.
        """
      ],
      sections: [
        .init("In pictures", text: [], rows: [(nil, figures)]),
        .init("In figures", text: [], table: table(labels)),
      ], facts: facts)
  }
}
