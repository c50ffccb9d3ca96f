import Imaging

/// A picture on a page, with what stands below it.
public struct Figure: Sendable {
  public var picture: Picture
  /// What those are told who cannot see the picture.
  public var alternative: String
  /// Lines below the picture, the first one in bold.
  public var caption: [String]

  public init(_ picture: Picture, alternative: String, caption: [String]) {
    (self.picture, self.alternative, self.caption) = (picture, alternative, caption)
  }

  /// - Throws: `OutputError` where there is no memory for the picture.
  func html() throws -> HTML {
    let data = try picture.pngData(for: alternative).base64EncodedString()
    var lines: [HTML] = []
    for (index, line) in caption.enumerated() {
      lines.append(.element(index == 0 ? "strong" : "span", [:], HTML(line)))
    }
    return .element(
      "figure", [:],
      .element(
        "img",
        [
          "src": "data:image/png;base64,\(data)", "alt": alternative,
          "width": "\(picture.width)", "height": "\(picture.height)",
        ]),
      .element("figcaption", [:], lines))
  }
}
