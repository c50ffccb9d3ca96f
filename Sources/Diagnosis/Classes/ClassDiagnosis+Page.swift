import Engine
import Foundation
import Imaging
import PretrainedNets
import Reporting

extension ClassDiagnosis {
  /// A row for each class.
  public var table: Table {
    var table = Table(columns: [
      .init("Class"), .init("Pictures"), .init("Probability", isNumeric: true),
    ])
    table.columns += Cue.allCases.map { .init("Without \($0.rawValue)", isNumeric: true) }
    table.columns += [
      .init("One place covered", isNumeric: true), .init("Other places covered", isNumeric: true),
      .init("Portraits over 90 %", isNumeric: true),
    ]
    if plan.judge != nil { table.columns.append(.init("Judge's top 5", isNumeric: true)) }
    table.columns.append(.init("Taken for"))
    for report in reports {
      let study = report.study
      let sure = report.portraits.count { $0.probability > 0.9 }
      let counted = report.portraits.count
      table.append(
        [
          labels.name(of: report.classIndex),
          "\(study.pictures.count) "
            + (report.isOfOwnPictures
              ? "own" : study.pictures.count == 1 ? "portrait" : "portraits"),
          Self.number(study.probability),
        ] + Cue.allCases.map { Self.number(study.without[$0] ?? 0) } + [
          Self.number(study.place.covered), Self.number(study.place.coveredElsewhere),
          "\(sure) of \(counted)",
        ] + (plan.judge == nil ? [] : ["\(report.recognized.count { $0 }) of \(counted)"])
          + [
            report.takenFor.map { "\(labels.name(of: $0.classIndex)) \($0.count)" }
              .joined(separator: ", ")
          ])
    }
    return table
  }

  /// The suspicions, each with its evidence and the pictures that show it.
  private var suspicionSection: Page.Section {
    if suspicions.isEmpty {
      return Page.Section(
        "Suspicions",
        text: [
          "None: no class loses half of its probability with its colour or with one place."
        ]
          + (reports.allSatisfy(\.isOfOwnPictures)
            ? []
            : ["Classes without pictures of yours are studied in their portraits, which tell less."])
      )
    }
    return Page.Section(
      "Suspicions",
      text: ["The strongest first; what a class loses and others gain, in probability."],
      rows: suspicions.enumerated().map { rank, suspicion in
        let name = labels.name(of: suspicion.classIndex)
        return (
          "\(rank + 1). \(name): \(suspicion.cause.title), \(Self.number(suspicion.strength))",
          suspicion.exhibits.enumerated().map { index, exhibit in
            Figure(
              Picture(colour: exhibit.picture), alternative: "\(name) \(exhibit.caption)",
              caption: [exhibit.caption] + (index == 0 ? suspicion.evidence : []))
          }
        )
      })
  }

  private func section(of report: Report) -> Page.Section {
    let name = labels.name(of: report.classIndex)
    func names(_ predictions: [Prediction]) -> String {
      predictions.prefix(3).map {
        "\(labels.name(of: $0.index)) \(percentage($0.probability))"
      }.joined(separator: ", ")
    }
    var figures = report.portraits.map { portrait in
      Figure(
        Picture(colour: portrait.trial.picture),
        alternative: "what \(portrait.trial.prior.title) found for \(name)",
        caption: [
          "\(portrait.trial.prior.title), seed \(portrait.trial.seed)",
          "seen as \(names(portrait.seen))",
        ]
          + (portrait.judged.isEmpty ? [] : ["by the judge as \(names(portrait.judged))"]))
    }
    if report.isOfOwnPictures {
      figures += report.study.pictures.prefix(2).map {
        Figure(Picture(colour: $0), alternative: "a picture of \(name)", caption: ["One of yours"])
      }
    }
    let cues = Cue.allCases.map {
      "\($0.removal) \(percentage(report.study.without[$0] ?? 0))"
    }
    return Page.Section(
      name,
      text: [
        "Probability \(percentage(report.study.probability)); \(cues.joined(separator: ", "))."
      ], rows: [(nil, figures), ("Where the evidence lies", evidence(report.evidence, for: name))])
  }

  private func evidence(_ evidence: Evidence, for name: String) -> [Figure] {
    evidence.attributions.map { method, attribution in
      Figure(
        attribution.drawn(over: evidence.picture),
        alternative: "where the evidence for \(name) lies, by \(method)",
        caption: [method, "orange speaks for \(name), blue against"]
          + (attribution.completenessGap.map {
            [
              "score \(Self.number(attribution.score)), of which \(Self.number(abs($0))) is not told"
            ]
          } ?? []))
    }
  }

  /// How many classes one page shows; more make an atlas.
  public static let classesPerPage = 24

  /// The page, and one for each class where they are more than ``classesPerPage``, by file name.
  ///
  /// `facts` are settings, versions and times for the end of the page.
  public func pages(
    of network: String, facts: [(term: String, value: String)]
  ) -> (index: Page, classes: [(file: String, page: Page)]) {
    let isAtlas = reports.count > Self.classesPerPage
    var index = Page(
      title: "What the classes of \(network) mean",
      lead: [
        "Portraits are pictures that excite a class most, found by optimisation. The study takes one "
          + "cue after the other away from pictures of a class and tells what is left of its "
          + "probability."
      ],
      sections: [suspicionSection, Page.Section("Classes", text: [], table: table)], facts: facts)
    guard isAtlas else {
      index.sections += reports.map(section)
      return (index, [])
    }
    let pages = reports.map { report in
      let name = labels.name(of: report.classIndex)
      var page = Page(
        title: name, lead: [], sections: [section(of: report)], facts: facts)
      page.sections[0].links = [.init("All classes", target: "report.html")]
      return (file: "class-\(report.classIndex).html", page: page)
    }
    index.sections.insert(
      Page.Section(
        "Atlas", text: [],
        links: zip(reports, pages).map { report, page in
          .init(
            labels.name(of: report.classIndex), target: page.file,
            picture: report.portraits.first.map { Self.thumbnail(of: $0.trial.picture) })
        }), at: 1)
    return (index, pages)
  }

  private static func number(_ value: Float) -> String { String(format: "%.2f", value) }

  /// At most 96 pixels high and wide, for an index of many.
  private static func thumbnail(of picture: Tensor) -> Picture {
    let (height, width) = (picture.shape[2], picture.shape[3])
    let factor = min(1, 96 / Double(max(height, width)))
    func side(_ length: Int) -> Int { max(1, Int((Double(length) * factor).rounded())) }
    return Picture(colour: picture)
      .resized(toHeight: side(height), width: side(width), filter: .lanczos3)
  }
}
