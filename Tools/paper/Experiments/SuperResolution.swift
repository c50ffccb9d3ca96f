import DIP
import Engine
import Imaging

/// Pictures enlarged four and eight times.
enum SuperResolution: Experiment {
  static let name = "superres"
  static let title = "Super-resolution"
  static let abstract = "Enlarge the pictures of Set5 and Set14 by 4 and by 8."
  static let folders = ["set5", "set14"]
  static let pictures = """
    It takes every picture in the folders 'set5' and 'set14', either or both: the data sets of these names, \
    large. They are cut to sides that 32 divides, and reduced here.
    """

  /// The means that are published, of four times alone.
  private static let published: [String: [String: Published]] = [
    "set5": [
      "bicubic": Published(28.43, of: "5 pictures"), "DIP": Published(29.90, of: "5 pictures"),
    ],
    "set14": [
      "bicubic": Published(26.05, of: "14 pictures"), "DIP": Published(27.00, of: "14 pictures"),
    ],
  ]

  static func run(in laboratory: Laboratory) throws -> Outcome {
    var outcome = Outcome(
      """
      Pictures are reduced as Pillow does it, by Lanczos's filter of support 3. The one is sought that a \
      Lanczos filter of support 2 takes to the small one. Scores are of the luma of BT.601 without the \
      four outermost pixels.
      """)
    for set in folders where laboratory.source.has(set) {
      for factor in [4, 8] {
        try enlarge(set, by: factor, laboratory, &outcome)
      }
    }
    if outcome.scores.isEmpty { _ = try laboratory.subjects(in: folders[0], takes: pictures) }
    return outcome
  }

  private static func enlarge(
    _ set: String, by factor: Int, _ laboratory: Laboratory, _ outcome: inout Outcome
  ) throws {
    let start = outcome.scores.count
    let least = Restoration.smallestSide * factor
    for subject in try laboratory.subjects(in: set, takes: pictures, atLeast: least) {
      let (height, width) = (subject.picture.height, subject.picture.width)
      guard min(height, width) >= least else {
        throw PaperError.tooSmall(file: subject.name, width: width, height: height, least: least)
      }
      let (rows, columns) = (height / 32 * 32, width / 32 * 32)
      let (top, left) = ((height - rows) / 2, (width - columns) / 2)
      let large = subject.picture.cropped(
        to: Region(rows: top..<top + rows, columns: left..<left + columns))
      let small = large.resizedInSteps(
        toHeight: rows / factor, width: columns / factor, filter: .lanczos3)
      let bicubic = small.resizedInSteps(toHeight: rows, width: columns, filter: .bicubic)
      let solution = try laboratory.solve(
        try .superResolution(of: small.colour, factor: Double(factor)),
        "\(set) ×\(factor) \(subject.name)")
      let found = Picture(colour: solution.picture)
      let bicubicScore = outcome.score(
        "\(set) ×\(factor), \(subject.name)", "bicubic", psnrOfLuma(large, bicubic))
      let score = outcome.score(
        "\(set) ×\(factor), \(subject.name)", "DIP", psnrOfLuma(large, found),
        iterations: solution.iterations)
      outcome.rows.append(
        (
          "\(subject.name), \(set), ×\(factor)",
          [
            figure(large.colour, "original", of: subject.name),
            figure(
              small.colour, "reduced", "\(small.width)×\(small.height) pixels", of: subject.name),
            figure(bicubic.colour, "bicubic", bicubicScore, of: subject.name),
            figure(found.colour, "DIP", score, of: subject.name),
          ]
        ))
    }
    outcome.addMeans(
      since: start, of: "\(set) ×\(factor)",
      published: factor == 4 ? published[set] ?? [:] : [:])
  }
}
