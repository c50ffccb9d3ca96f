/// The parts of a path as it was given. Foundation's `NSString` ends the process on some names of one character.
package struct PathParts {
  /// Where the file is: `.` where the path has a name alone.
  package let folder: String
  /// The path without its extension.
  package let stem: String
  /// What follows the last dot of the name, in small letters; empty where that is the first character too.
  package let fileExtension: String

  package init(_ path: String) {
    let name: Substring
    if let slash = path.lastIndex(of: "/") {
      folder = slash == path.startIndex ? "/" : String(path[..<slash])
      name = path[path.index(after: slash)...]
    } else {
      (folder, name) = (".", path[...])
    }
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else {
      (stem, fileExtension) = (path, "")
      return
    }
    stem = String(path[..<dot])
    fileExtension = name[name.index(after: dot)...].lowercased()
  }
}
