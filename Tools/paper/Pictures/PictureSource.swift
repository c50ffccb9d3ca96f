import Foundation
import Imaging

/// Where the pictures of the experiments come from.
enum PictureSource {
  /// A folder with folders in it.
  case folder(URL)
  /// What ships with the project or is drawn by it.
  case drawn

  func has(_ name: String) -> Bool {
    guard case .folder(let url) = self else { return true }
    return FileManager.default.fileExists(atPath: url.appending(path: name).path)
  }
}

/// A picture and what it is called.
struct Subject {
  var name: String
  var picture: Picture
}

extension Laboratory {
  /// The pictures of an experiment's folder, sorted by name, as many and as large as there may be; none is
  /// reduced to a smaller side below `atLeast` pixels.
  ///
  /// - Throws: ``PaperError`` where there are none, `PictureError`.
  func subjects(
    in folder: String, takes: String, atLeast: Int = 0
  ) throws -> [Subject] {
    switch source {
    case .drawn:
      return [DrawnPictures.subject(for: folder)].map { reduced($0, atLeast: atLeast) }
    case .folder(let url):
      let folder = url.appending(path: folder)
      let files = try Self.pictureFiles(in: folder, takes: takes)
        .filter { !Self.isMask($0) }
      guard !files.isEmpty else { throw PaperError.noPictures(folder: folder.path) }
      return try files.prefix(limit ?? .max).map {
        reduced(try Self.subject(at: $0), atLeast: atLeast)
      }
    }
  }

  static func subject(at file: URL) throws -> Subject {
    Subject(
      name: file.deletingPathExtension().lastPathComponent,
      picture: Picture(colour: try Picture(contentsOf: file.path).colour))
  }

  /// The PNG and JPEG files of a folder by their names, sorted.
  static func pictureFiles(in folder: URL, takes: String) throws -> [URL] {
    guard FileManager.default.fileExists(atPath: folder.path) else {
      throw PaperError.noFolder(folder: folder.path, takes: takes)
    }
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder.path) } catch {
      throw PaperError.unreadable(folder: folder.path, reason: error.localizedDescription)
    }
    return names.sorted().map { folder.appending(path: $0) }.filter {
      ["png", "jpg", "jpeg"].contains($0.pathExtension.lowercased())
    }
  }

  static func isMask(_ file: URL) -> Bool {
    file.deletingPathExtension().lastPathComponent.hasSuffix("_mask")
  }

  func reduced(_ subject: Subject, atLeast: Int = 0) -> Subject {
    Subject(
      name: subject.name,
      picture: reduced(subject.picture, atLeast: atLeast) {
        $0.resizedInSteps(toHeight: $1, width: $2, filter: .lanczos3)
      })
  }

  /// The picture, made smaller by `reduce`, which is told height and width, where it is too large.
  func reduced(
    _ picture: Picture, atLeast: Int = 0, by reduce: (Picture, Int, Int) -> Picture
  ) -> Picture {
    let smaller = min(picture.height, picture.width)
    guard let side, smaller > max(side, atLeast) else { return picture }
    func scaled(_ length: Int) -> Int {
      (length * max(side, atLeast) + smaller / 2) / smaller
    }
    return reduce(picture, scaled(picture.height), scaled(picture.width))
  }
}
