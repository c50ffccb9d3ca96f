/// Why a file cannot be written. Each description is one line that names the file and what to do.
public enum OutputError: Error, Equatable, Sendable {
  /// The folder that the file would lie in is not there.
  case noFolder(file: String, folder: String)
  /// The system does not let files be made in the folder.
  case folderNotWritable(file: String, folder: String, reason: String)
  /// There is a folder at this path.
  case isFolder(file: String)
  /// There is a device, a pipe or the like at this path.
  case notRegular(file: String)
  /// There is a file at this path, which is write-protected.
  case protected(file: String)
  /// The path leads through links that end nowhere.
  case linkLoop(file: String)
  /// Writing failed on the way; what was at the path before is as it was.
  case failed(file: String, reason: String)
}

extension OutputError: CustomStringConvertible {
  public var description: String { text.onOneLine }

  private var text: String {
    switch self {
    case .noFolder(let file, let folder):
      "\(file): cannot be written: there is no folder \(folder); create it first"
    case .folderNotWritable(let file, let folder, let reason):
      "\(file): cannot be written: no file can be made in \(folder) (\(reason)); choose another"
    case .isFolder(let file):
      "\(file): cannot be written: it is a folder; give the path of a file"
    case .notRegular(let file):
      """
      \(file): cannot be written: it is a device or a pipe, which cannot be replaced as a whole; \
      give the path of a file
      """
    case .protected(let file):
      "\(file): cannot be written: the file there is write-protected; choose another path"
    case .linkLoop(let file):
      "\(file): cannot be written: a link that leads round in a circle; choose another path"
    case .failed(let file, let reason):
      "\(file): could not be written (\(reason)); what was there before is unchanged"
    }
  }
}
