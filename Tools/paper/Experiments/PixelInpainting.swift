import DIP
import Engine
import Imaging

/// Half of the pixels, restored in eleven pictures.
enum PixelInpainting: Experiment {
  static let name = "inpainting"
  static let title = "Inpainting of half of the pixels"
  static let abstract =
    "Restore pictures of which each pixel is missing with a probability of one half."
  static let folders = ["inpainting"]
  static let pictures = """
    It takes every picture in the folder 'inpainting': in the paper the eleven grey pictures barbara, boat, \
    house, lena, peppers, cameraman, couple, fingerprint, hill, man and montage, whose published scores \
    are found by these names.
    """

  /// The published scores, each under the names that its picture's file may have.
  private static let published: [([String], Double)] = [
    (["barbara"], 32.22), (["boat"], 33.06), (["house"], 39.16), (["lena", "lenna"], 36.16),
    (["peppers"], 33.05), (["cameraman", "c.man"], 29.8), (["couple"], 32.52),
    (["fingerprint", "finger"], 32.84), (["hill"], 32.77), (["man"], 32.20), (["montage"], 34.54),
  ]

  static func run(in laboratory: Laboratory) throws -> Outcome {
    var outcome = Outcome(
      """
      A mask hides each pixel with a probability of one half; what is known is all that the search is \
      told. The score is of the whole picture that the network makes.
      """)
    for (index, subject) in try laboratory.subjects(in: name, takes: pictures).enumerated() {
      let clean = subject.picture.colour
      let known = Degradation.randomMask(
        hiding: 0.5, height: subject.picture.height, width: subject.picture.width,
        random: laboratory.damage(index))
      let solution = try laboratory.solve(
        .inpainting(clean, mask: known, holes: .pixels), "inpainting \(subject.name)")
      let published = published.first { $0.0.contains(subject.name.lowercased()) }
        .map { Published($0.1, of: subject.name) }
      let score = outcome.score(
        subject.name, "DIP, last iterate", psnr(clean, solution.picture),
        iterations: solution.iterations, published: published)
      let average = outcome.score(
        subject.name, "DIP, average", psnr(clean, solution.average),
        iterations: solution.iterations)
      outcome.rows.append(
        (
          subject.name,
          [
            figure(clean, "original", of: subject.name),
            figure(clean.filled(with: nil, where: known), "half of it", of: subject.name),
            figure(solution.picture, "DIP, last iterate", score, of: subject.name),
            figure(solution.average, "DIP, average", average, of: subject.name),
          ]
        ))
    }
    let mean = published.reduce(0) { $0 + $1.1 } / Double(published.count)
    outcome.addMeans(
      published: ["DIP, last iterate": Published(mean, of: "\(published.count) pictures")])
    return outcome
  }
}
