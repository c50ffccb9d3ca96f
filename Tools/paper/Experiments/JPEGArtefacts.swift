import DIP
import Imaging
import Reporting

/// The blocks and rings of JPEG, removed.
enum JPEGArtefacts: Experiment {
  static let name = "jpeg"
  static let title = "JPEG artefacts"
  static let abstract = "Remove the blocks and rings of strong JPEG compression."
  static let folders = ["jpeg"]
  static let pictures = """
    It takes every picture in the folder 'jpeg'. PNG files are compressed at a quality of 10 and scored; \
    JPEG files are taken as they are, and where there may be no large ones, their middle.
    """

  static func run(in laboratory: Laboratory) throws -> Outcome {
    var outcome = Outcome(
      "The network, narrow at its fine scales, draws edges before it draws blocks. The average is shown."
    )
    for (name, clean, given) in try subjects(laboratory) {
      let solution = try laboratory.solve(
        .removingJPEGArtefacts(of: given.colour), "jpeg \(name)")
      var figures: [Figure] = []
      var (before, after) = ("", "")
      if let clean {
        figures.append(figure(clean.colour, "original", of: name))
        before = outcome.score(name, "JPEG", psnr(clean.colour, given.colour))
        after = outcome.score(
          name, "DIP, average", psnr(clean.colour, solution.average),
          iterations: solution.iterations)
      }
      figures += [
        figure(given.colour, "JPEG", before, of: name),
        figure(solution.average, "DIP, average", after, of: name),
      ]
      outcome.rows.append((name, figures))
    }
    return outcome
  }

  private static func subjects(
    _ laboratory: Laboratory
  ) throws -> [(name: String, clean: Picture?, given: Picture)] {
    guard case .folder(let url) = laboratory.source else {
      return try laboratory.subjects(in: name, takes: pictures).map {
        ($0.name, $0.picture, try $0.picture.compressedAsJPEG(quality: 10))
      }
    }
    let folder = url.appending(path: name)
    let files = try Laboratory.pictureFiles(in: folder, takes: pictures)
    guard !files.isEmpty else { throw PaperError.noPictures(folder: folder.path) }
    return try files.prefix(laboratory.limit ?? .max).map { file in
      let subject = try Laboratory.subject(at: file)
      guard file.pathExtension.lowercased() == "png" else {
        // Reduced, it would have no artefacts left.
        return (
          subject.name, nil,
          laboratory.side.map { subject.picture.centreCropped(toSide: $0) } ?? subject.picture
        )
      }
      let clean = laboratory.reduced(subject).picture
      return (subject.name, clean, try clean.compressedAsJPEG(quality: 10))
    }
  }
}
