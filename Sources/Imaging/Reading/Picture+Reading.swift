extension Picture {
  /// Pictures of more pixels than this are refused before memory is taken for them.
  public static let pixelLimit = 1 << 26

  /// Reads a PNG or JPEG file; which of them is told by its first bytes, not by its name.
  ///
  /// Palettes become RGB, transparency of any kind becomes ``alpha``, CMYK becomes RGB without
  /// colour management, chunks about gamma and colour spaces are passed over, and the picture is
  /// turned as its EXIF orientation says. Depths below 8 bits become 8.
  ///
  /// - Throws: ``PictureError``, also for files that are damaged or cut short where a viewer would
  ///   show what is left of them.
  public init(contentsOf path: String) throws(PictureError) {
    let file = try PictureFile(at: path)
    switch PictureFormat(of: try file.head(PictureFormat.headLength)) {
    case .png: self = try Self.decode(file, path, "PNG", Codec.decodePNG)
    case .jpeg: self = try Self.decode(file, path, "JPEG", Codec.decodeJPEG)
    case .damagedPNG: throw .damagedSignature(file: path)
    case .otherPicture(let format): throw .otherFormat(file: path, format: format)
    case .noPicture(let found): throw .notAPicture(file: path, found: found)
    }
  }

  private static func decode(
    _ file: borrowing PictureFile, _ path: String, _ format: String,
    _ decoder: ([UInt8], Int) throws(Codec.DecodingError) -> Picture
  ) throws(PictureError) -> Picture {
    let bytes = try file.contents()
    do { return try decoder(bytes, pixelLimit) } catch {
      throw switch error {
      case .truncated: .truncated(file: path)
      case .corrupt(let reason): .corrupt(file: path, format: format, reason: reason)
      case .tooLarge(let width, let height):
        .tooLarge(file: path, width: width, height: height, limit: pixelLimit)
      case .memory(let width, let height): .memory(file: path, width: width, height: height)
      }
    }
  }
}
