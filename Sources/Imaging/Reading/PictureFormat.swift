/// What the first bytes of a file say of its format; names of files are not looked at.
enum PictureFormat: Equatable {
  case png
  case jpeg
  /// PNG's signature with bytes changed, as transfers in text mode do.
  case damagedPNG
  /// A picture of another format, with its name and article.
  case otherPicture(String)
  /// Anything else, with its name and article where it is known.
  case noPicture(String?)

  /// How many bytes are needed to tell.
  static let headLength = 512

  init(of head: [UInt8]) {
    if Self.begins(head, with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
      self = .png
    } else if Self.begins(head, with: [0xff, 0xd8, 0xff]) {
      self = .jpeg
    } else if Self.resemblesPNG(head) {
      self = .damagedPNG
    } else if let name = Self.pictureName(of: head) {
      self = .otherPicture(name)
    } else {
      self = .noPicture(Self.signatureName(of: head, in: Self.others) ?? Self.textName(of: head))
    }
  }

  /// Whether a file begins with the signature, or with as much of it as the file has bytes: that is
  /// one cut short.
  private static func begins(_ head: [UInt8], with signature: [UInt8]) -> Bool {
    head.starts(with: signature.prefix(head.count))
  }

  /// Whether the letters of PNG or the header chunk stand where a PNG file has them, give or take
  /// the bytes that a change of line ends moves them by.
  private static func resemblesPNG(_ head: [UInt8]) -> Bool {
    let letters = head.count > 4 && head[1..<4].elementsEqual("PNG".utf8)
    let header = (10...14).contains { start in
      head.count > start + 4 && head[start..<start + 4].elementsEqual("IHDR".utf8)
    }
    return letters || header
  }

  private static func signatureName(
    of head: [UInt8], in table: [([UInt8], String)]
  ) -> String? {
    table.first { head.starts(with: $0.0) }?.1
  }

  private static func pictureName(of head: [UInt8]) -> String? {
    if let name = signatureName(of: head, in: pictures) { return name }
    if head.count >= 12 {
      let kind = String(decoding: head[8..<12], as: UTF8.self)
      if head.starts(with: "RIFF".utf8), kind == "WEBP" { return "a WebP" }
      if head[4..<8].elementsEqual("ftyp".utf8) { return isoMedia[kind] }
    }
    if head.count > 2, head[0] == UInt8(ascii: "P"), [0x09, 0x0a, 0x0d, 0x20].contains(head[2]) {
      return netpbm[head[1]]
    }
    return textName(of: head) == svg ? svg : nil
  }

  private static func textName(of head: [UInt8]) -> String? {
    guard head.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || (0x09...0x0d).contains($0) }) else {
      return nil
    }
    let text = String(decoding: head, as: UTF8.self).lowercased()
    if text.hasPrefix("version https://git-lfs") {
      return "a Git LFS pointer (the picture itself was not fetched)"
    }
    let opening = text.drop { $0.isWhitespace }
    if opening.hasPrefix("<svg") || text.contains("<svg") { return svg }
    if opening.hasPrefix("<!doctype html") || opening.hasPrefix("<html") { return "a web page" }
    return "text"
  }

  private static let svg = "an SVG"

  private static let pictures: [([UInt8], String)] = [
    (Array("GIF8".utf8), "a GIF"),
    (Array("BM".utf8), "a BMP"),
    ([0x49, 0x49, 0x2a, 0x00], "a TIFF"),
    ([0x4d, 0x4d, 0x00, 0x2a], "a TIFF"),
    ([0x49, 0x49, 0x2b, 0x00], "a TIFF"),
    ([0x4d, 0x4d, 0x00, 0x2b], "a TIFF"),
    (Array("%PDF".utf8), "a PDF"),
    (Array("%!PS".utf8), "a PostScript file"),
    (Array("8BPS".utf8), "a Photoshop file"),
    (Array("qoif".utf8), "a QOI"),
    ([0x76, 0x2f, 0x31, 0x01], "an OpenEXR"),
    ([0x00, 0x00, 0x01, 0x00], "an icon (ICO)"),
    ([0xff, 0x0a], "a JPEG XL"),
    ([0x00, 0x00, 0x00, 0x0c, 0x4a, 0x58, 0x4c, 0x20], "a JPEG XL"),
    ([0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50, 0x20, 0x20], "a JPEG 2000"),
    ([0xff, 0x4f, 0xff, 0x51], "a JPEG 2000"),
    ([0x8a, 0x4d, 0x4e, 0x47], "an MNG"),
    (Array("gimp xcf".utf8), "a GIMP file"),
    (Array("#?RADIANCE".utf8), "a Radiance HDR"),
  ]

  private static let others: [([UInt8], String)] = [
    ([0x89, 0x48, 0x44, 0x46], "an HDF5 file, of weights perhaps"),
    ([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], "a NumPy array"),
    (Array("PK\u{3}\u{4}".utf8), "a zip archive"),
    ([0x1f, 0x8b], "gzip-compressed data"),
  ]

  private static let isoMedia = [
    "heic": "a HEIC", "heix": "a HEIC", "mif1": "a HEIF", "msf1": "a HEIF", "avif": "an AVIF",
  ]

  private static let netpbm: [UInt8: String] = [
    UInt8(ascii: "1"): "a PBM", UInt8(ascii: "2"): "a PGM", UInt8(ascii: "3"): "a PPM",
    UInt8(ascii: "4"): "a PBM", UInt8(ascii: "5"): "a PGM", UInt8(ascii: "6"): "a PPM",
    UInt8(ascii: "7"): "a PAM", UInt8(ascii: "F"): "a PFM", UInt8(ascii: "f"): "a PFM",
  ]
}
