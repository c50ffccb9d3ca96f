import ArgumentParser
import DIP
import Diagnosis
import Engine
import Foundation
import Imaging
import PretrainedNets

struct Diagnose: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagnose",
    abstract: "Show what classes mean to a network, and what may be wrong with them.",
    discussion: """
      Finds pictures that excite each class most, takes one cue after the other (colour, position, \
      arrangement, detail, each place) away from pictures of the class, gives it to pictures of other \
      classes, and ranks what is suspicious. With --pictures they are your own, in a folder for each class \
      that is named after it or its index; else the pictures found. Writes report.html, table.csv, table.md \
      and the pictures; with many classes a page for each.
      """)

  @OptionGroup(title: "Network")
  var network: NetworkOptions

  @Option(help: "The classes, by name or index, or all.")
  var classes: String

  @Option(help: "A folder with a folder of PNG and JPEG files for each class.")
  var pictures: String?

  @Option(help: "How many pictures of a class are taken at most, the first by name.")
  var most = 12

  @Option(help: "Another network with the same classes, to tell meaning from noise.")
  var judge: String?

  @Option(help: "The file of the judge's weights; by default what ships with it.")
  var judgeWeights: String?

  @OptionGroup(title: "Search")
  var search: SearchOptions

  @Option(name: .shortAndLong, help: "The folder to write to; it is made if it is not there.")
  var output: String

  func validate() throws {
    try RunOptions.check(most, "--most", in: 1...1000)
    if judgeWeights != nil, judge == nil { throw ValidationError("--judge-weights needs --judge") }
  }

  func run() throws {
    let classifier = try network.classifier()
    let labels = try network.classLabels(of: classifier.architecture)
    try classifier.check(layer: classifier.architecture.layers.last?.name ?? "")
    var plan = ClassDiagnosis.Plan(classes: try indices(labels))
    (plan.priors, plan.seeds) = (search.priors.kinds, search.allSeeds)
    plan.iterations = search.iterations ?? 200
    plan.pictures = try ownPictures(classifier.architecture, labels)
    plan.judge = try judgeNetwork(for: classifier.architecture)
    let folder = try ReportFolder(output)
    var progress = try SearchProgress(
      "diagnose", isQuiet: search.quiet, live: search.live, folder: folder)
    let start = ContinuousClock.now
    let found = try ClassDiagnosis(
      of: classifier, plan: plan, labels: labels, threads: try search.parallelism.pool()
    ) { progress.update($0, of: $1, $2, $3) }
    let seconds = (ContinuousClock.now - start) / .seconds(1)

    for report in found.reports {
      for portrait in report.portraits {
        try folder.write(
          portrait.trial.picture,
          named: "\(labels.name(of: report.classIndex))-\(portrait.trial.prior.rawValue)-"
            + "\(portrait.trial.seed)")
      }
    }
    try folder.write(found.table)
    let pages = found.pages(
      of: classifier.architecture.name,
      facts: Provenance.facts(
        of: classifier, seeds: plan.seeds, seconds: seconds, threads: search.parallelism.threads))
    for (file, page) in pages.classes { try page.write(to: folder[file]) }
    try pages.index.write(to: folder.report)
    progress.end(folder)
    tell(found, folder, seconds)
  }

  private func tell(_ found: ClassDiagnosis, _ folder: ReportFolder, _ seconds: Double) {
    print(
      "\(folder.report): \(found.reports.count) classes in " + String(format: "%.0f s", seconds))
    if found.suspicions.isEmpty { print("  nothing suspicious") }
    for (rank, suspicion) in found.suspicions.enumerated() {
      print(
        "  \(rank + 1). \(found.labels.name(of: suspicion.classIndex)), \(suspicion.cause.title) "
          + String(format: "(%.2f): ", suspicion.strength)
          + suspicion.evidence.joined(separator: "; "))
    }
  }

  private func indices(_ labels: ClassLabels) throws -> [Int] {
    if classes == "all" { return Array(labels.names.indices) }
    var found: [Int] = []
    for query in classes.split(separator: ",") {
      let index = try labels.index(of: String(query).trimmingCharacters(in: .whitespaces))
      if !found.contains(index) { found.append(index) }
    }
    if found.isEmpty { throw ValidationError("--classes names none; give names, indices or all") }
    return found
  }

  private func judgeNetwork(for architecture: Architecture) throws -> Classifier? {
    guard let judge else { return nil }
    var options = network
    (options.network, options.weights, options.labels) = (judge, judgeWeights, nil)
    options.assume = WeightReading()
    let classifier = try options.classifier()
    guard classifier.architecture.classCount == architecture.classCount else {
      throw ValidationError(
        "--judge \(judge) knows \(classifier.architecture.classCount) classes, "
          + "\(architecture.name) \(architecture.classCount); choose a network with the same classes"
      )
    }
    return classifier
  }

  /// The user's pictures by class.
  private func ownPictures(
    _ architecture: Architecture, _ labels: ClassLabels
  ) throws -> [Int: [Tensor]] {
    guard let path = pictures else { return [:] }
    func names(in folder: String) throws -> [String] {
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
        throw FileError(
          file: folder, problem: "is no folder that can be read; it has a folder for each class")
      }
      return names.filter { !$0.hasPrefix(".") }.sorted()
    }
    var found: [Int: [Tensor]] = [:]
    for name in try names(in: path) {
      let folder = "\(path)/\(name)"
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
        isFolder.boolValue
      else { continue }
      let index: Int
      do { index = try labels.index(of: name) } catch {
        throw FileError(file: folder, problem: "\(error)")
      }
      let files = try names(in: folder).filter {
        ["png", "jpg", "jpeg"].contains(PathParts($0).fileExtension)
      }
      found[index] = try files.prefix(most).map {
        architecture.fit(try Picture(contentsOf: "\(folder)/\($0)"))
      }
    }
    guard found.values.contains(where: { !$0.isEmpty }) else {
      throw FileError(
        file: path,
        problem: "has no folder of a class with PNG or JPEG files; name each after its class")
    }
    return found
  }
}
