import Imaging

/// A picture on a page, with what stands below it.
public struct Figure: Sendable {
  public var picture: Picture
  /// What those are told who cannot see the picture.
  public var alternative: String
  /// Lines below the picture, the first one in bold.
  public var caption: [String]
  /// How the picture came to be, to be gone through where there are scripts: what each is called, and it.
  public var frames: [(title: String, picture: Picture)]

  public init(
    _ picture: Picture, alternative: String, caption: [String],
    frames: [(title: String, picture: Picture)] = []
  ) {
    (self.picture, self.alternative, self.caption) = (picture, alternative, caption)
    self.frames = frames
  }

  /// - Throws: `OutputError` where there is no memory for the picture.
  package func html() throws -> HTML {
    var lines: [HTML] = []
    for (index, line) in caption.enumerated() {
      lines.append(.element(index == 0 ? "strong" : "span", [:], HTML(line)))
    }
    var contents = [
      try Self.image(of: picture, alternative), .element("figcaption", [:], lines),
    ]
    if !frames.isEmpty {
      // The browser decodes nothing of a template before it is used.
      let images = try frames.map { try Self.image(of: $0.picture, $0.title) }
      contents.append(.element("template", [:], images))
    }
    return .element("figure", [:], contents)
  }

  static func image(of picture: Picture, _ alternative: String) throws -> HTML {
    let data = try picture.pngData(for: alternative).base64EncodedString()
    return .element(
      "img",
      [
        "src": "data:image/png;base64,\(data)", "alt": alternative,
        "width": "\(picture.width)", "height": "\(picture.height)",
      ])
  }
}
