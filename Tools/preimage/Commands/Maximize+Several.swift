import ArgumentParser
import DIP
import Diagnosis
import Engine
import Foundation
import Inversion
import PretrainedNets

/// Several pictures of one thing, unlike each other.
extension Maximize {
  /// Refuses what does not go with a folder of results.
  func validateSeveral() throws {
    if let pictures { try RunOptions.check(pictures, "--pictures", in: 2...100) }
    if let diversity, !(diversity >= 0 && diversity.isFinite) {
      throw ValidationError("--diversity takes a number from 0 on, not \(diversity)")
    }
    if sought.target != nil {
      throw ValidationError(
        "--target ends the search where --pictures may still differ; leave it out")
    }
    try options.checkThatOneFolderIsWritten(instead: "a search of one picture")
  }

  func runSeveral(_ count: Int) throws {
    let classifier = try network.classifier()
    let labels = try network.classLabels(of: classifier.architecture)
    let pool = try options.pool()
    let search = try search(classifier, labels, pool)
    if let diversityLayer { try classifier.check(layer: diversityLayer) }
    var unlike = try diversityLayer.map { Diversity(layer: $0) } ?? Diversity(of: classifier)
    if let diversity { unlike.share = diversity }
    let folder = try ReportFolder(output)
    var progress = try SearchProgress(
      "maximize", isQuiet: options.quiet, live: options.live, folder: folder)
    let start = ContinuousClock.now
    let found = try Variety(
      of: search, count: count, diversity: unlike, prior: prior.prior, seed: options.seed,
      threads: pool
    ) { progress.update($0, of: $1, $2, $3) }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    for (index, entry) in found.entries.enumerated() {
      try folder.write(entry.trial.picture, named: "picture-\(index + 1)")
    }
    let table = found.table(labels)
    try folder.write(table)
    try found.page(
      title: "Pictures that excite \(classifier.architecture.name)", labels,
      facts: Provenance.facts(
        of: classifier, seeds: [options.seed], seconds: seconds, threads: options.threads)
    ).write(to: folder.report)
    progress.end(folder)
    print(
      "\(folder.report): \(count) pictures in " + String(format: "%.0f s", seconds))
    print(table.markdown, terminator: "")
  }
}
