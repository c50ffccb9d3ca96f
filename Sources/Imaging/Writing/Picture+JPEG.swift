extension Picture {
  /// What is left of the picture in a JPEG file of a quality in 1 ... 100: 8 bits, colours at half size
  /// each way, no alpha.
  ///
  /// It is the picture that libjpeg, and so most programs, make of it.
  /// - Throws: ``OutputError/failed(file:reason:)`` where memory is not to be had, or a side is longer than
  ///   the 65,500 pixels that the library takes.
  /// - Precondition: the quality is in 1 ... 100.
  public func compressedAsJPEG(quality: Int) throws(OutputError) -> Picture {
    precondition(1...100 ~= quality, "a quality of \(quality)")
    guard let bytes = try? Codec.encodeJPEG(self, quality: quality),
      let picture = try? Codec.decodeJPEG(bytes, pixelLimit: Self.pixelLimit)
    else {
      throw .failed(
        file: "JPEG of \(width)×\(height) pixels", reason: "too large, or out of memory")
    }
    return picture
  }
}
