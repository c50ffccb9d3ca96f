import ArgumentParser
import Engine
import Foundation
import Imaging
import PretrainedNets

extension Networks {
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tell whether a file of weights really fits a network.",
      discussion: """
        Shapes can be right and the numbers still be read wrongly. So the network is tried on your \
        pictures, of things that it knows, with channels swapped, kernels turned, other preprocessing \
        and so on: read rightly, it is surer of what it sees. Ends with exit code 1 where the file does \
        not fit as it is read.
        """)

    @Argument(
      help: "Pictures of the network's classes, PNG or JPEG; a handful tells more than one.")
    var pictures: [String] = []

    @OptionGroup(title: "Network")
    var network: NetworkOptions

    @OptionGroup
    var parallelism: ThreadOptions

    func run() throws {
      let (architecture, file) = try networkAndFile()
      let labels = try network.classLabels(of: architecture)
      let fitted = try pictures.map { architecture.fit(try Picture(contentsOf: $0)) }
      let check = try ClassifierCheck(
        architecture, weights: file, reading: network.assume, pictures: fitted,
        threads: try parallelism.pool())
      print(contents(of: check).joined(separator: "\n"))
      if !check.trials.isEmpty {
        print(
          "confidence in \(pictures.count == 1 ? "the picture" : "\(pictures.count) pictures"):")
        Table.print(rows(of: check, labels))
      }
      if let problem = problem(check) { throw problem }
      print(
        check.verdict == .fits
          ? "the file fits as it is read"
          : "the shapes fit; give pictures of the network's classes to have the rest tried")
    }

    private func networkAndFile() throws -> (Architecture, WeightFile) {
      if NetworkOptions.isModel(network.network) {
        let model = try Classifier(onnxAt: network.network)
        return (model.architecture, model.file)
      }
      let architecture = try Architecture.named(network.network)
      let file = try WeightFile(at: network.file())
      return (architecture.port(to: file.family), file)
    }

    private func contents(of check: ClassifierCheck) -> [String] {
      let all = check.network.weightedLayers.count
      var lines = [
        "\(check.file.path): \(check.file.layoutDescription)",
        "\(all - check.missing.count) of the \(all) layers of \(check.network.name) with weights",
      ]
      if !check.missing.isEmpty { lines.append("missing: \(list(check.missing))") }
      for (entry, expected) in check.misfits {
        lines.append(
          "\(entry.path) has the shape \(Table.shape(entry.extents[...])), "
            + "\(Table.shape(expected[...])) is needed")
      }
      if !check.unused.isEmpty { lines.append("unused: \(list(check.unused.map(\.path)))") }
      return lines
    }

    private func list(_ names: [String]) -> String {
      names.prefix(8).joined(separator: ", ")
        + (names.count > 8 ? " and \(names.count - 8) more" : "")
    }

    private func rows(of check: ClassifierCheck, _ labels: ClassLabels) -> [[String]] {
      let others = check.trials.dropFirst().sorted { $0.confidence > $1.confidence }
      return (check.trials.prefix(1) + others).map { trial in
        let name = trial.reading.description
        return [
          "  " + (name.isEmpty ? "as the file suggests" : name),
          String(format: "%.4f", trial.confidence),
        ] + trial.predictions.prefix(3).map { labels.name(of: $0.index) }
      }
    }

    private func problem(_ check: ClassifierCheck) -> FileError? {
      let file = check.file.path
      switch check.verdict {
      case .fits, .fitsInShape: return nil
      case .fitsAssuming(let reading, let confidence, let instead):
        return FileError(
          file: file,
          problem: String(
            format: "fits if it is read with %@ (confidence %.2f instead of %.2f)",
            reading == WeightReading() ? "no assumption" : "--assume \(reading)", confidence,
            instead))
      case .unsure(let confidence):
        return FileError(
          file: file,
          problem: String(
            format: "no way of reading it makes %@ sure of these pictures (at most %.2f); "
              + "give pictures of its classes, or its own weights", check.network.name, confidence))
      case .doesNotFit:
        let what = check.missing.isEmpty ? "tensors of other shapes" : "missing layers"
        return FileError(
          file: file,
          problem: "does not fit \(check.network.name): \(what); give the complete weights of "
            + check.network.name)
      }
    }
  }
}
