import Foundation
import Imaging
import PretrainedNets
import Reporting

extension LayerSurvey {
  /// A row for each layer and prior.
  public func table(_ labels: ClassLabels) -> Table {
    var table = Table(columns: [
      .init("Layer"), .init("Prior"), .init("Error / norm", isNumeric: true),
      .init("Error / distance", isNumeric: true), .init("PSNR, dB", isNumeric: true),
      .init("SSIM", isNumeric: true), .init("Colour error", isNumeric: true),
      .init("Colour kept", isNumeric: true), .init("Detail kept", isNumeric: true),
      .init("Top 5"), .init("Seconds", isNumeric: true),
    ])
    for entry in entries {
      table.append([
        entry.layer, entry.trial.prior.rawValue, String(format: "%.4f", entry.relativeError),
        String(format: "%.4f", entry.distanceError), String(format: "%.2f", entry.psnr),
        String(format: "%.3f", entry.ssim), String(format: "%.1f", entry.fidelity.colourError),
        String(format: "%.2f", entry.fidelity.colourCorrelation),
        String(format: "%.2f", entry.fidelity.detailCorrelation),
        entry.predictions.map { "\(labels.name(of: $0.index)) \(percentage($0.probability))" }
          .joined(separator: ", "),
        String(format: "%.1f", entry.trial.seconds),
      ])
    }
    return table
  }

  /// How much colour and detail is left at the deepest layer, a sentence for each prior.
  public var answers: [String] {
    last.map { entry in
      String(
        format:
          "%@ with %@: %.0f %% of the colour's pattern and %.0f %% of the fine detail are left.",
        entry.layer, entry.trial.prior.title, 100 * max(0, entry.fidelity.colourCorrelation),
        100 * max(0, entry.fidelity.detailCorrelation))
    }
  }

  /// The page; `facts` are settings, versions and times for its end.
  public func page(
    of network: String, _ labels: ClassLabels, facts: [(term: String, value: String)]
  ) -> Page {
    let compared =
      references.areQuarters
      ? "the picture's own \(references.count) quarters" : "\(references.count) other pictures"
    func curve(
      _ title: String, _ unit: String, _ value: @escaping (Entry) -> Double
    ) -> Page.Section {
      let lines = priors.map { prior in
        Chart.Line(
          prior.title,
          points: layers.enumerated().compactMap { index, layer in
            entries.first { $0.layer == layer && $0.trial.prior == prior }.map {
              (Double(index + 1), value($0))
            }
          })
      }
      return Page.Section(
        title, text: [],
        chart: Chart(
          x: .init("layer, from 1: \(layers.first ?? "") to \(layers.last ?? "")"), y: .init(unit),
          lines: lines, alternative: "\(title) by layer, a line for each prior"))
    }
    let original = Figure(
      Picture(colour: picture), alternative: "the picture itself", caption: ["The picture"])
    return Page(
      title: "What the layers of \(network) keep",
      lead: [
        "Each picture has nearly the same features as the original at one layer. What is alike is what "
          + "the layer keeps; what differs is what the prior has filled in.",
        "The feature error is ‖Φ − Φ₀‖² over ‖Φ₀‖², and over its mean between \(compared).",
      ] + answers,
      sections: [
        Page.Section("In figures", text: [], table: table(labels)),
        curve("Feature error", "over the distance of pictures") { Double($0.distanceError) },
        curve("Similarity to the picture", "PSNR, dB", \.psnr),
        Page.Section(
          "In pictures", text: [],
          rows: layers.map { layer in
            (
              layer,
              [original]
                + entries.filter { $0.layer == layer }.map { entry in
                  Figure(
                    Picture(colour: entry.trial.picture),
                    alternative: "what \(entry.trial.prior.title) found at \(layer)",
                    caption: [
                      entry.trial.prior.title,
                      String(
                        format: "error %.4f, PSNR %.2f dB", entry.relativeError, entry.psnr),
                    ]
                      + entry.predictions.prefix(1).map {
                        "seen as \(labels.name(of: $0.index)) \(percentage($0.probability))"
                      })
                }
            )
          }),
      ], facts: facts)
  }
}
