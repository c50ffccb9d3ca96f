import Engine
import Foundation
import Imaging

/// A picture of which a part is missing.
struct MaskedSubject {
  var name: String
  var picture: Picture
  /// `[1, 1, H, W]`, 1 where the picture is known and 0 where it is not.
  var known: Tensor
}

extension Laboratory {
  /// The pictures of a folder that have a mask beside them, `NAME_mask.png` for `NAME.png`.
  ///
  /// - Throws: ``PaperError`` where there are none or a mask does not serve, `PictureError`.
  func maskedSubjects(in folder: String, takes: String) throws -> [MaskedSubject] {
    switch source {
    case .drawn:
      let subject = reduced(DrawnPictures.subject(for: folder))
      let (height, width) = (subject.picture.height, subject.picture.width)
      let known =
        folder == TextInpainting.name
        ? Lettering.mask(height: height, width: width)
        : DrawnPictures.disc(height: height, width: width)
      return [MaskedSubject(name: subject.name, picture: subject.picture, known: known)]
    case .folder(let url):
      let folder = url.appending(path: folder)
      let files = try Self.pictureFiles(in: folder, takes: takes)
      let pictures = files.filter { !Self.isMask($0) }
      guard !pictures.isEmpty else { throw PaperError.noPictures(folder: folder.path) }
      return try pictures.prefix(limit ?? .max).map { file in
        let name = file.deletingPathExtension().lastPathComponent + "_mask"
        guard
          let mask = files.first(where: { $0.deletingPathExtension().lastPathComponent == name })
        else { throw PaperError.noMask(file: file.path, mask: "\(name).png") }
        return try masked(try Self.subject(at: file), by: mask)
      }
    }
  }

  private func masked(_ subject: Subject, by file: URL) throws -> MaskedSubject {
    let mask = try Picture(contentsOf: file.path).convertedToGrey()
    let (height, width) = (subject.picture.height, subject.picture.width)
    guard mask.height == height, mask.width == width else {
      throw PaperError.maskSize(
        file: file.path, width: mask.width, height: mask.height, pictureWidth: width,
        pictureHeight: height)
    }
    let small = reduced(Picture(colour: mask.colour)) {
      $0.resized(toHeight: $1, width: $2, filter: .box)
    }
    let known = Tensor(small.colour.shape, small.colour.elements.map { $0 >= 0.5 ? 1 : 0 })
    guard known.elements.contains(0), known.elements.contains(1) else {
      throw PaperError.plainMask(file: file.path)
    }
    return MaskedSubject(
      name: subject.name, picture: reduced(subject).picture, known: known)
  }
}
