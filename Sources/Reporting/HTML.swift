import Foundation

/// Pieces of a page: what is written as text is escaped, what is written as HTML is not.
public struct HTML: Sendable, Equatable {
  /// The markup.
  public var text: String

  /// A text as it is read: `<`, `>`, `&` and quotation marks are escaped.
  public init(_ plain: String) {
    text = plain.reduce(into: "") { text, character in
      switch character {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      default: text.append(character)
      }
    }
  }

  private init(markup: String) { text = markup }

  /// An element with attributes, in the order given.
  public static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ contents: HTML...
  ) -> HTML { element(name, attributes, contents) }

  /// An element with attributes, in the order given.
  public static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ contents: [HTML]
  ) -> HTML {
    let head = attributes.map { " \($0)=\"\(HTML($1).text)\"" }.joined()
    let inside = contents.map(\.text).joined()
    let isVoid = ["img", "meta"].contains(name)
    return HTML(markup: "<\(name)\(head)>" + (isVoid ? "" : "\(inside)</\(name)>"))
  }

  /// Style or the like, which is not escaped.
  package static func raw(_ text: String) -> HTML { HTML(markup: text) }
}
