import ArgumentParser
import DIP
import Diagnosis
import Engine
import Foundation
import Imaging
import PretrainedNets

/// Several layers, each inverted alone with each prior.
extension Invert {
  /// Which layers: all that the weights reach, or these.
  struct LayerChoice: ExpressibleByArgument {
    let names: [String]?

    init?(argument: String) {
      guard argument != "all" else {
        names = nil
        return
      }
      let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard !parts.contains("") else { return nil }
      names = parts.enumerated().filter { !parts[..<$0].contains($1) }.map(\.element)
    }
  }

  /// Refuses what does not go with a folder of results.
  func validateSurvey() throws {
    if prior.prior != .dip {
      throw ValidationError("--prior is for one --layer; leave it out, or see --priors")
    }
    try options.checkThatOneFolderIsWritten(instead: "one --layer")
    if layer != nil { throw ValidationError("give --layer or --layers, not both") }
  }

  func survey(_ choice: LayerChoice) throws {
    let classifier = try network.classifier()
    let labels = try network.classLabels(of: classifier.architecture)
    let target = classifier.architecture.fit(try Picture(contentsOf: picture), side: size.size)
    let others = try references.map {
      classifier.architecture.fit(try Picture(contentsOf: $0), side: size.size)
    }
    let layers =
      try choice.names.map { try $0.map { try classifier.check(layer: $0).name } }
      ?? classifier.availableLayers
    let folder = try ReportFolder(output)
    var progress = try SearchProgress(
      "invert", isQuiet: options.quiet, live: options.live, folder: folder)
    let start = ContinuousClock.now
    let found = try LayerSurvey(
      of: target, at: layers, of: classifier, priors: priors.kinds, part: { part.part(of: $0) },
      references: others, seed: options.seed, threads: try options.pool(),
      prepared: { search in
        var search = search
        search.plan = options.applied(to: search.plan)
        return search
      },
      observe: { progress.update($0, of: $1, $2, $3) })
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    for entry in found.entries {
      try folder.write(
        entry.trial.picture, named: "\(entry.layer)-\(entry.trial.prior.rawValue)")
    }
    try folder.write(found.table(labels))
    let name = classifier.architecture.name
    try found.page(
      of: name, labels,
      facts: Provenance.facts(
        of: classifier, seeds: [options.seed], seconds: seconds, threads: options.threads)
    ).write(to: folder.report)
    progress.end(folder)
    print(
      "\(folder.report): \(found.entries.count) inversions in " + String(format: "%.0f s", seconds))
    for answer in found.answers { print("  \(answer)") }
  }
}
