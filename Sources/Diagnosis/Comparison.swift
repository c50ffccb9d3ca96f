import DIP
import Engine
import Foundation
import Imaging
import Inversion
import PretrainedNets
import Reporting

/// The same target sought with several priors and seeds, for as long each.
public struct Comparison: Sendable {
  /// How long each search goes on.
  public enum Budget: Sendable, Hashable {
    case iterations(Int)
    /// Of wall-clock time.
    case seconds(Double)
  }

  public let budget: Budget
  public let priors: [PriorKind]
  public let seeds: [UInt64]
  /// Prior after prior, seed after seed.
  public let trials: [Trial]

  /// - Parameters:
  ///   - priors: the priors.
  ///   - seeds: each prior is tried with all.
  ///   - budget: how long each search goes on.
  ///   - threads: what it spreads over.
  ///   - search: what is sought, with a prior.
  ///   - observe: called with each iterate, after the number of the search and of them all.
  /// - Throws: what `search` throws, and as ``Trial``.
  public init<Sought>(
    _ priors: [PriorKind], seeds: [UInt64], budget: Budget, threads: ThreadPool,
    search: (PriorKind) throws -> PictureSearch<Sought>,
    observe: (_ search: Int, _ count: Int, _ title: String, Iterate) throws -> Void = {
      _, _, _, _ in
    }
  ) throws {
    var trials: [Trial] = []
    for prior in priors {
      var search = try search(prior)
      switch budget {
      case .iterations(let count): search.plan.iterations = count
      case .seconds(let seconds):
        // More than anyone waits for: time ends it.
        search.plan.iterations = 10_000_000
        search.plan.timeLimit = seconds
      }
      for seed in seeds {
        let number = trials.count
        trials.append(
          try Trial(search, prior: prior, seed: seed, snapshots: 12, threads: threads) {
            try observe(number, priors.count * seeds.count, "\(prior.rawValue), seed \(seed)", $0)
          })
      }
    }
    (self.priors, self.seeds, self.budget, self.trials) = (priors, seeds, budget, trials)
  }

  public func trials(of prior: PriorKind) -> [Trial] { trials.filter { $0.prior == prior } }

  /// The mean of numbers, and their standard deviation where there are several.
  public static func spread(of numbers: [Double]) -> (mean: Double, deviation: Double?) {
    let mean = numbers.reduce(0, +) / Double(max(numbers.count, 1))
    guard numbers.count > 1 else { return (mean, nil) }
    let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / Double(numbers.count - 1)).squareRoot())
  }
}

extension Comparison {
  /// A row for each prior, the mean over the seeds and its spread: `value` is what the first further scalar
  /// is called, `scores` are further columns.
  public func table(
    value: String, scores: [(title: String, digits: Int, of: (Trial) -> Double)] = []
  ) -> Table {
    var table = Table(columns: [
      .init("Prior"), .init("Seeds", isNumeric: true), .init("Iterations", isNumeric: true),
      .init("Seconds", isNumeric: true), .init(value, isNumeric: true),
    ])
    table.columns += scores.map { .init($0.title, isNumeric: true) }
    func text(_ numbers: [Double], digits: Int) -> String {
      let (mean, deviation) = Self.spread(of: numbers)
      return String(format: "%.\(digits)f", mean)
        + (deviation.map { String(format: " ± %.\(digits)f", $0) } ?? "")
    }
    for prior in priors {
      let own = trials(of: prior)
      table.append(
        [
          prior.title, "\(own.count)", text(own.map { Double($0.iterations) }, digits: 0),
          text(own.map(\.seconds), digits: 1), text(own.map { Double($0.value) }, digits: 4),
        ]
          + scores.map { score in text(own.map(score.of), digits: score.digits) })
    }
    return table
  }

  /// A page with the pictures in a grid, seeds by priors, the table, and the curves of loss and value over
  /// iterations and over seconds.
  ///
  /// `original` is the picture that is inverted, `value` what the first further scalar is called, `table` that
  /// of ``table(value:scores:)``; `caption` gives the lines below a picture, and `facts` are settings, versions
  /// and times for the end of the page.
  public func page(
    title: String, original: Tensor?, value: String, table: Table,
    caption: (Trial) -> [String], facts: [(term: String, value: String)]
  ) -> Page {
    func chart(
      _ title: String, _ unit: String, _ x: (Trial.Point) -> Double, _ y: (Trial.Point) -> Double
    ) -> Page.Section {
      let all = trials.flatMap { $0.curve.map(y) }
      return Page.Section(
        title, text: [],
        chart: Chart(
          x: .init(unit), y: .init(title.lowercased(), isLogarithmic: all.allSatisfy { $0 > 0 }),
          lines: trials.map { trial in
            Chart.Line(
              trial.prior.title + (seeds.count > 1 ? ", seed \(trial.seed)" : ""),
              points: trial.curve.map { (x($0), y($0)) })
          }, alternative: "\(title) over \(unit), a line for each prior and seed"))
    }
    let name = value.prefix(1).uppercased() + value.dropFirst()
    let originals = original.map {
      [Figure(Picture(colour: $0), alternative: "the picture itself", caption: ["The picture"])]
    }
    let charts = [
      ("iterations", { (point: Trial.Point) in Double(point.iteration) }),
      ("seconds", { (point: Trial.Point) in point.seconds }),
    ].flatMap { unit, x in
      [
        chart("Loss", unit, x) { Double($0.loss) }, chart(name, unit, x) { Double($0.value) },
      ]
    }
    return Page(
      title: title, lead: [lead],
      sections: [
        Page.Section("In figures", text: [], table: table),
        Page.Section(
          "In pictures", text: [],
          rows: seeds.map { seed in
            (
              seeds.count > 1 ? "Seed \(seed)" : nil,
              (originals ?? [])
                + trials.filter { $0.seed == seed }.map { trial in
                  Figure(
                    Picture(colour: trial.picture),
                    alternative: "what \(trial.prior.title) found with seed \(seed)",
                    caption: [trial.prior.title] + caption(trial),
                    frames: trial.snapshots.map {
                      ("iteration \($0.iteration)", Picture(colour: $0.picture))
                    })
                }
            )
          }),
      ] + charts, facts: facts)
  }

  private var lead: String {
    let length =
      switch budget {
      case .iterations(let count): "\(count) iterations"
      case .seconds(let seconds): String(format: "%g seconds", seconds)
      }
    return "Each prior sought the same for \(length), with "
      + (seeds.count > 1
        ? "\(seeds.count) seeds; the table has means and standard deviations." : "one seed.")
  }
}
