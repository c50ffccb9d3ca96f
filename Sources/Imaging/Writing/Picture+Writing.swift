package import Foundation

extension Picture {
  /// Writes a PNG file of the picture's bit depth, whole or not at all.
  ///
  /// Values are clamped to 0 ... 1 and rounded to the nearest step; what is no number becomes 0.
  /// An existing file is replaced and its permissions kept; a link is followed.
  ///
  /// - Throws: ``OutputError``; what was at the path is then as it was.
  public func write(to path: String) throws(OutputError) {
    try AtomicFile.write(try pngData(for: path), to: path)
  }

  /// The bytes of the PNG file; the path is for the message of an error.
  package func pngData(for path: String) throws(OutputError) -> Data {
    do { return Data(try Codec.encodePNG(self)) } catch {
      throw .failed(file: path, reason: "out of memory")
    }
  }
}
