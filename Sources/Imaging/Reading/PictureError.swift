/// What can be wrong with a file that is to be read as a picture. Each description is one line that
/// names the file, what was found and what to do.
public enum PictureError: Error, Equatable, Sendable {
  /// There is no file at this path.
  case missing(file: String)
  /// The path is that of a folder or a device.
  case notAFile(file: String)
  /// The system does not let the file be read.
  case unreadable(file: String, reason: String)
  /// The file has no bytes.
  case empty(file: String)
  /// The file is a picture of another format.
  case otherFormat(file: String, format: String)
  /// The file is no picture; what it is instead where that is recognised.
  case notAPicture(file: String, found: String?)
  /// The file begins like a PNG file, but its signature was changed on the way.
  case damagedSignature(file: String)
  /// The file is longer than a picture of the largest size can be; both in bytes.
  case fileTooLarge(file: String, bytes: Int, limit: Int)
  /// The picture has more pixels than the limit.
  case tooLarge(file: String, width: Int, height: Int, limit: Int)
  /// The file ends before the picture does.
  case truncated(file: String)
  /// The file breaks the rules of its format, or uses what cannot be decoded.
  case corrupt(file: String, format: String, reason: String)
  /// The memory for the picture is not to be had.
  case memory(file: String, width: Int, height: Int)
}

extension PictureError: CustomStringConvertible {
  public var description: String { text.onOneLine }

  private var text: String {
    switch self {
    case .missing(let file):
      "\(file): there is no such file; check the path of the picture"
    case .notAFile(let file):
      "\(file): a folder or a device, not a file; give the path of a PNG or JPEG picture"
    case .unreadable(let file, let reason):
      "\(file): cannot be read (\(reason)); check its permissions"
    case .empty(let file):
      "\(file): the file is empty; fetch it again"
    case .otherFormat(let file, let format):
      "\(file): not a PNG or JPEG but \(format); convert it to PNG"
    case .notAPicture(let file, let found):
      "\(file): not a PNG or JPEG\(found.map { " but \($0)" } ?? ""); give a PNG or JPEG picture"
    case .damagedSignature(let file):
      "\(file): a PNG whose first bytes are damaged, as by a transfer as text; fetch it again"
    case .fileTooLarge(let file, let bytes, let limit):
      """
      \(file): \(bytes >> 20) MiB, more than the \(limit >> 20) MiB that are read; \
      give a smaller picture
      """
    case .tooLarge(let file, let width, let height, let limit):
      """
      \(file): \(width) × \(height) pixels, more than the \(limit) that are read; \
      scale the picture down first
      """
    case .truncated(let file):
      "\(file): cut short: the file ends before the picture does; fetch it again"
    case .corrupt(let file, let format, let reason):
      "\(file): a \(format) that cannot be decoded (\(reason)); fetch it again or convert it to PNG"
    case .memory(let file, let width, let height):
      """
      \(file): there is no memory for \(width) × \(height) pixels; \
      close other programs or scale the picture down
      """
    }
  }
}
