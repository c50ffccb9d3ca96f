import DIP
import Imaging

/// Text over pictures, removed.
enum TextInpainting: Experiment {
  static let name = "text"
  static let title = "Text inpainting"
  static let abstract = "Remove text that is written over pictures."
  static let folders = ["text"]
  static let pictures = """
    It takes every picture in the folder 'text' that has a mask beside it, kate_mask.png for kate.png, \
    black where the text is.
    """

  static func run(in laboratory: Laboratory) throws -> Outcome {
    var outcome = Outcome("Thin strokes are missing; the network has many skip channels.")
    try outcome.fill(.text, try laboratory.maskedSubjects(in: name, takes: pictures), laboratory)
    return outcome
  }
}

/// Whole regions, filled.
enum RegionInpainting: Experiment {
  static let name = "region"
  static let title = "Region inpainting"
  static let abstract = "Fill whole regions of pictures."
  static let folders = ["region"]
  static let pictures = """
    It takes every picture in the folder 'region' that has a mask beside it, vase_mask.png for vase.png, \
    black where the region is.
    """

  static func run(in laboratory: Laboratory) throws -> Outcome {
    var outcome = Outcome(
      """
      A region is missing; the network has no skips and is fed with coordinates. The score is against \
      the picture as it lies in the folder, and says nothing where the region is no part of it.
      """)
    try outcome.fill(
      .region, try laboratory.maskedSubjects(in: name, takes: pictures), laboratory)
    return outcome
  }
}

extension Outcome {
  fileprivate mutating func fill(
    _ holes: Restoration.Holes, _ subjects: [MaskedSubject], _ laboratory: Laboratory
  ) throws {
    for subject in subjects {
      let clean = subject.picture.colour
      let solution = try laboratory.solve(
        .inpainting(clean, mask: subject.known, holes: holes),
        "\(holes.rawValue) \(subject.name)")
      let filled = clean.filled(with: solution.picture, where: subject.known)
      let score = score(
        subject.name, "DIP, known pixels kept", psnr(clean, filled),
        iterations: solution.iterations)
      rows.append(
        (
          subject.name,
          [
            figure(clean, "original", of: subject.name),
            figure(
              clean.filled(with: nil, where: subject.known), "what is known", of: subject.name),
            figure(filled, "DIP", score, of: subject.name),
          ]
        ))
    }
  }
}
