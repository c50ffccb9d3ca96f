import DIP
import Engine
import Foundation
import Imaging

/// A picture in weak light, restored with the help of one taken with flash.
enum FlashNoFlash: Experiment {
  static let name = "flash"
  static let title = "Flash and no flash"
  static let abstract = "Clean pictures taken without flash by others of the same taken with it."
  static let folders = ["flash"]
  static let pictures = """
    It takes the pictures in the folder 'flash' in pairs, in the order of their names: those whose names \
    end in noflash, and the others, such as cave_noflash.png and cave_flash.png.
    """

  static func run(in laboratory: Laboratory) throws -> Outcome {
    var outcome = Outcome(
      """
      The picture with flash is what the network is fed, the one without what it must explain: light from \
      the one, detail from the other. A search can stick at a tinted picture; another seed helps.
      """)
    for pair in try pairs(laboratory) {
      let solution = try laboratory.solve(
        try .flash(pair.noFlash, guide: pair.flash), "flash \(pair.name)")
      var (before, after) = ("", "")
      if let clean = pair.clean {
        before = outcome.score(pair.name, "without flash", psnr(clean, pair.noFlash))
        after = outcome.score(
          pair.name, "DIP", psnr(clean, solution.picture), iterations: solution.iterations)
      }
      outcome.rows.append(
        (
          pair.name,
          [
            figure(pair.flash, "with flash", of: pair.name),
            figure(pair.noFlash, "without", before, of: pair.name),
            figure(solution.picture, "DIP", after, of: pair.name),
          ]
        ))
    }
    return outcome
  }

  private struct Pair {
    var name: String
    var flash: Tensor
    var noFlash: Tensor
    /// The picture without noise, where it is known.
    var clean: Tensor?
  }

  private static func pairs(_ laboratory: Laboratory) throws -> [Pair] {
    guard case .folder(let url) = laboratory.source else {
      return try laboratory.subjects(in: name, takes: pictures).map { subject in
        let (clean, noisy) = DrawnPictures.dim(
          subject.picture.colour, random: laboratory.damage(0))
        return Pair(
          name: subject.name, flash: subject.picture.colour, noFlash: noisy, clean: clean)
      }
    }
    let folder = url.appending(path: name)
    let files = try Laboratory.pictureFiles(in: folder, takes: pictures)
    let without = files.filter {
      $0.deletingPathExtension().lastPathComponent.lowercased().hasSuffix("noflash")
    }
    let with = files.filter { !without.contains($0) }
    guard !without.isEmpty, with.count == without.count else {
      throw PaperError.unpaired(folder: folder.path, flash: with.count, noFlash: without.count)
    }
    return try zip(with, without).prefix(laboratory.limit ?? .max).map { flash, noFlash in
      let lit = try Laboratory.subject(at: flash)
      let dark = try Laboratory.subject(at: noFlash)
      guard
        (lit.picture.height, lit.picture.width) == (dark.picture.height, dark.picture.width)
      else {
        throw PaperError.pairSize(
          file: noFlash.path, width: dark.picture.width, height: dark.picture.height,
          otherWidth: lit.picture.width, otherHeight: lit.picture.height)
      }
      return Pair(
        name: dark.name, flash: laboratory.reduced(lit).picture.colour,
        noFlash: laboratory.reduced(dark).picture.colour)
    }
  }
}
