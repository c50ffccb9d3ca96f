import Imaging

/// Why an experiment cannot be done. Each description is one line that says what to do.
enum PaperError: Error, CustomStringConvertible {
  case output(folder: String)
  case nothingToDo(folder: String, names: [String])
  case noFolder(folder: String, takes: String)
  case unreadable(folder: String, reason: String)
  case noPictures(folder: String)
  case noMask(file: String, mask: String)
  case maskSize(file: String, width: Int, height: Int, pictureWidth: Int, pictureHeight: Int)
  case plainMask(file: String)
  case unpaired(folder: String, flash: Int, noFlash: Int)
  case pairSize(file: String, width: Int, height: Int, otherWidth: Int, otherHeight: Int)
  case tooSmall(file: String, width: Int, height: Int, least: Int)
  case failed(task: String, reason: String)
  case diverged(task: String)

  var description: String { text.onOneLine }

  private var text: String {
    switch self {
    case .output(let folder): "\(folder): the folder cannot be made; choose another"
    case .nothingToDo(let folder, let names):
      "\(folder): there are no pictures for any experiment; make a folder in it named "
        + names.joined(separator: ", ") + " or several of them"
    case .noFolder(let folder, let takes): "\(folder): there is no such folder; \(takes)"
    case .unreadable(let folder, let reason): "\(folder): the folder cannot be read (\(reason))"
    case .noPictures(let folder):
      "\(folder): there are no pictures in it; put PNG or JPEG files there"
    case .noMask(let file, let mask):
      "\(file): there is no \(mask) beside it; it tells by black what is missing"
    case .maskSize(let file, let width, let height, let pictureWidth, let pictureHeight):
      "\(file): the mask has \(width)×\(height) pixels and the picture "
        + "\(pictureWidth)×\(pictureHeight); give a mask of the picture's size"
    case .plainMask(let file):
      """
      \(file): the mask hides all or nothing at this size; it needs black where the picture is missing \
      and white where it is known
      """
    case .unpaired(let folder, let flash, let noFlash):
      """
      \(folder): \(flash) pictures with flash and \(noFlash) without; give pairs, such as \
      cave_flash.png and cave_noflash.png
      """
    case .pairSize(let file, let width, let height, let otherWidth, let otherHeight):
      """
      \(file): the picture has \(width)×\(height) pixels and the one with flash \
      \(otherWidth)×\(otherHeight); give two of one size
      """
    case .tooSmall(let file, let width, let height, let least):
      "\(file): \(width)×\(height) pixels are too few; give a picture of at least \(least) a side"
    case .failed(let task, let reason): "\(task): \(reason)"
    case .diverged(let task): "\(task): the loss is no number any more; try another --seed"
    }
  }
}
