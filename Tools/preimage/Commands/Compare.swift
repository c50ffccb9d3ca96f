import ArgumentParser
import DIP
import Diagnosis
import Engine
import Foundation
import Imaging
import Inversion
import PretrainedNets

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Seek the same picture with several priors, for as long each.",
    discussion: """
      Give a picture and --layer to invert it, or --class to excite a class. Writes report.html with a grid of \
      pictures and the curves over iterations and over seconds, table.csv, table.md and the pictures. Total \
      variation inverts with 20 times the data weight of its recipe, which serves most layers.
      """)

  @Argument(help: "The picture to invert, PNG or JPEG.")
  var picture: String?

  @OptionGroup(title: "Network")
  var network: NetworkOptions

  @Option(help: "The layers L[:WEIGHT],… whose features are matched.")
  var layer: LayerList?

  @Option(name: .customLong("class"), help: "The class to excite, by name or index.")
  var classQuery: String?

  @OptionGroup
  var size: SizeOption

  @OptionGroup(title: "Search")
  var search: SearchOptions

  @Option(help: "The time of each search, instead of --iterations: seconds, or 90s, 20m, 1.5h.")
  var time: RunOptions.Span?

  @Option(name: .shortAndLong, help: "The folder to write to; it is made if it is not there.")
  var output: String

  func validate() throws {
    guard (picture == nil) == (layer == nil), (picture == nil) == (classQuery != nil) else {
      throw ValidationError("give a picture with --layer, or --class without a picture")
    }
    if time != nil, search.iterations != nil {
      throw ValidationError("give --iterations or --time, not both")
    }
  }

  func run() throws {
    let classifier = try network.classifier()
    let labels = try network.classLabels(of: classifier.architecture)
    let threads = try search.parallelism.pool()
    let job = Job(
      classifier: classifier, labels: labels, threads: threads,
      budget: time.map { .seconds($0.seconds) } ?? .iterations(search.iterations ?? 300))
    if let picture, let layer {
      for (name, _) in layer.layers { try classifier.check(layer: name) }
      let target = classifier.architecture.fit(try Picture(contentsOf: picture), side: size.size)
      try run(job, "Priors at " + layer.layers.map(\.name).joined(separator: ", "), target) {
        prior in
        let weight: Float = prior == .tv ? 20 : 1
        return try FeatureInversion.search(
          prior, target, layers: layer.layers.map { .init($0.name, weight: weight * $0.weight) },
          of: classifier, threads: threads)
      }
    } else if let classQuery {
      try classifier.check(layer: classifier.architecture.scoreLayer)
      let index = try labels.index(of: classQuery)
      try run(job, "Priors for \(labels.name(of: index))", nil) { prior in
        Maximization.search(prior, .score(ofClass: index), of: classifier, size: size.size)
      }
    }
  }

  private struct Job {
    let classifier: Classifier
    let labels: ClassLabels
    let threads: ThreadPool
    let budget: Comparison.Budget
  }

  private func run<Sought>(
    _ job: Job, _ title: String, _ target: Tensor?,
    _ make: (PriorKind) throws -> PictureSearch<Sought>
  ) throws {
    let folder = try ReportFolder(output)
    var progress = try SearchProgress(
      "compare", isQuiet: search.quiet, live: search.live, folder: folder)
    let start = ContinuousClock.now
    let found = try Comparison(
      search.priors.kinds, seeds: search.allSeeds, budget: job.budget, threads: job.threads,
      search: make, observe: { progress.update($0, of: $1, $2, $3) })
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    for trial in found.trials {
      try folder.write(trial.picture, named: "\(trial.prior.rawValue)-\(trial.seed)")
    }
    let value = target == nil ? "excitation" : "feature error"
    let table = found.table(
      value: value,
      scores: target.map { target in
        [
          ("PSNR, dB", 2, { psnr($0.picture, target) }), ("SSIM", 3, { ssim($0.picture, target) }),
          ("Colour error", 1, { Fidelity(of: $0.picture, to: target).colourError }),
        ]
      } ?? [])
    try folder.write(table)
    let network = job.classifier.architecture
    let seen = try found.trials.map { trial in
      job.classifier.canClassify
        ? try job.classifier.classify(
          network.fit(Picture(colour: trial.picture)), top: 1, threads: job.threads) : []
    }
    try found.page(
      title: "\(title) of \(network.name)", original: target, value: value, table: table,
      caption: { trial in
        let index = found.trials.firstIndex { $0.prior == trial.prior && $0.seed == trial.seed }
        return ["\(value) \(String(format: "%.4g", trial.value))"]
          + (index.map { seen[$0] } ?? []).map { "seen as \($0.line(job.labels))" }
      },
      facts: Provenance.facts(
        of: job.classifier, seeds: search.allSeeds, seconds: seconds,
        threads: search.parallelism.threads)
    ).write(to: folder.report)
    progress.end(folder)
    print(
      "\(folder.report): \(found.trials.count) searches in " + String(format: "%.0f s", seconds))
    print(table.markdown, terminator: "")
  }
}
