import Foundation

/// The names of a network's classes, by index.
public struct ClassLabels: Sendable, Equatable {
  public let names: [String]

  public init(names: [String]) { self.names = names }

  /// Names for classes that have none: `class 0`, `class 1`, …
  static func numbered(count: Int) -> ClassLabels {
    ClassLabels(names: (0..<count).map { "class \($0)" })
  }

  /// Reads one name a line, in order of index; a WordNet identifier before the name (`n01440764`) is
  /// left out, and so are the synonyms after the first comma.
  ///
  /// - Throws: ``ClassifierError`` unless there are `count` lines of text.
  public init(contentsOf path: String, count: Int) throws(ClassifierError) {
    let text: String
    do {
      text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
    } catch {
      let reason =
        FileManager.default.fileExists(atPath: path)
        ? "not a text file that may be read" : "there is no such file"
      throw .unreadableLabels(file: path, reason: reason)
    }
    let lines = text.split(whereSeparator: \.isNewline).map { line in
      line.drop { $0.isWhitespace }
    }
    guard lines.count == count else {
      throw .labelCount(file: path, found: lines.count, expected: count)
    }
    names = lines.map { line in
      var name = line
      if let identifier = name.prefixMatch(of: #/n\d{8}\s+/#) {
        name = name[identifier.range.upperBound...]
      }
      return name.prefix { $0 != "," }.trimmingCharacters(in: .whitespaces)
    }
  }

  /// The name of a class, or its index where it has none.
  public func name(of index: Int) -> String {
    names.indices.contains(index) ? names[index] : "class \(index)"
  }

  /// The index that other labels have for a class of these, by its name; the same index where they have none.
  ///
  /// Families number the same classes in other orders.
  public func index(of index: Int, in other: ClassLabels) -> Int {
    other.names.firstIndex(of: name(of: index)) ?? index
  }

  /// The index of a class given by its name (case aside; `_` and `-` stand for a space) or by its
  /// index.
  ///
  /// - Throws: ``ClassifierError/unknownClass(_:nearest:count:)`` with the nearest names.
  public func index(of query: String) throws(ClassifierError) -> Int {
    if let index = Int(query), names.indices.contains(index) { return index }
    let wanted = Self.folded(query)
    if let index = names.firstIndex(where: { Self.folded($0) == wanted }) { return index }
    throw .unknownClass(query, nearest: nearest(to: query, among: names), count: names.count)
  }

  private static func folded(_ name: String) -> String {
    String(name.lowercased().map { $0 == "_" || $0 == "-" ? " " : $0 })
  }
}
