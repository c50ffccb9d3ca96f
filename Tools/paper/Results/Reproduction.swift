import Foundation
import Imaging
import Reporting
import Terminal

/// A run of experiments, and its files.
struct Reproduction {
  let options: PaperOptions
  /// What was called.
  let command: String

  /// Runs experiments and writes the files after each, so that hours are not lost with the last.
  ///
  /// - Throws: ``PaperError``, `OutputError`, and what the experiments throw.
  func run(_ experiments: [any Experiment.Type], without missing: [any Experiment.Type]) throws {
    let folder = URL(filePath: options.output)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch { throw PaperError.output(folder: options.output) }
    let files = ["report.html", "table.md", "table.csv"].map { folder.appending(path: $0).path }
    for file in files { try AtomicFile.preflight(path: file) }

    let laboratory = try options.laboratory()
    let start = ContinuousClock.now
    var done: [(kind: any Experiment.Type, outcome: Outcome)] = []
    for kind in missing {
      StandardError.write("\(kind.name): left out; \(kind.pictures)\n")
    }
    for kind in experiments {
      done.append((kind, try kind.run(in: laboratory)))
      let table = table(done)
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      try page(done, table, without: missing, seconds: seconds).write(to: files[0])
      try AtomicFile.write(Data(table.markdown.utf8), to: files[1])
      try AtomicFile.write(Data(table.csv.utf8), to: files[2])
    }
    print("\(files[0]): \(experiments.map { $0.name }.joined(separator: ", "))")
  }

  private func table(_ done: [(kind: any Experiment.Type, outcome: Outcome)]) -> Table {
    var table = Table(columns: [
      .init("experiment"), .init("picture"), .init("method"), .init("iterations", isNumeric: true),
      .init("PSNR (dB)", isNumeric: true), .init("published (dB)", isNumeric: true),
      .init("published of"),
    ])
    for (kind, outcome) in done {
      for score in outcome.scores {
        table.append([
          kind.name, score.picture, score.method, score.iterations.map { "\($0)" } ?? "",
          String(format: "%.2f", score.decibels),
          score.published.map { String(format: "%.2f", $0.decibels) } ?? "",
          score.published?.of ?? "",
        ])
      }
    }
    return table
  }

  private func page(
    _ done: [(kind: any Experiment.Type, outcome: Outcome)], _ table: Table,
    without missing: [any Experiment.Type], seconds: Double
  ) -> Page {
    var lead = [
      """
      The experiments of “Deep Image Prior” (Ulyanov, Vedaldi and Lempitsky, CVPR 2018, arXiv:1711.10925; \
      IJCV 2020), run by preimage. An untrained network is all that knows what pictures look like.
      """
    ]
    if options.side != nil || options.iterations != nil || options.quick {
      lead.append(
        """
        Pictures were reduced or iterations cut short: the scores show that everything runs, and are not \
        to be compared with the published ones.
        """)
    }
    if !missing.isEmpty {
      lead.append(
        "For want of pictures left out: \(missing.map { $0.title }.joined(separator: ", ")).")
    }
    return Page(
      title: "Deep Image Prior, reproduced", lead: lead,
      sections: [
        Page.Section(
          "Scores",
          text: ["Published numbers are those of the papers, of the pictures that they used."],
          table: table)
      ]
        + done.map { kind, outcome in
          Page.Section(
            kind.title, text: outcome.text, chart: outcome.chart, rows: outcome.rows)
        },
      facts: [
        ("Again", "paper \(command) \(options.settings)"),
        ("Time", ProgressMeter.time(seconds)),
      ])
  }
}
