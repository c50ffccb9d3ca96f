internal import CPictureCodecs
internal import Engine

/// The door to the C decoders and encoder: pointers do not leave this file.
enum Codec {
  /// Why the data cannot be decoded.
  enum DecodingError: Error {
    case truncated
    case corrupt(String)
    case tooLarge(width: Int, height: Int)
    case memory(width: Int, height: Int)
  }

  /// The picture has been encoded in vain for want of memory, or has more pixels a side than the format knows.
  struct EncodingError: Error {}

  static func decodePNG(_ bytes: [UInt8], pixelLimit: Int) throws(DecodingError) -> Picture {
    try decode(bytes, pixelLimit, pi_png_decode)
  }

  static func decodeJPEG(_ bytes: [UInt8], pixelLimit: Int) throws(DecodingError) -> Picture {
    try decode(bytes, pixelLimit, pi_jpeg_decode)
  }

  private static func decode(
    _ bytes: [UInt8], _ pixelLimit: Int,
    _ decoder: (
      UnsafePointer<UInt8>?, Int, UInt64, UnsafeMutablePointer<pi_picture>?
    ) -> pi_codec_status
  ) throws(DecodingError) -> Picture {
    var decoded = pi_picture()
    defer { pi_picture_free(&decoded) }
    let status = bytes.withUnsafeBufferPointer {
      decoder($0.baseAddress, $0.count, UInt64(pixelLimit), &decoded)
    }
    let (width, height) = (Int(decoded.width), Int(decoded.height))
    switch status {
    case .done: return picture(decoded)
    case .truncated: throw .truncated
    case .corrupt: throw .corrupt(message(of: decoded))
    case .too_large: throw .tooLarge(width: width, height: height)
    case .memory: throw .memory(width: width, height: height)
    @unknown default: throw .corrupt("unknown status \(status.rawValue)")
    }
  }

  private static func message(of decoded: pi_picture) -> String {
    withUnsafeBytes(of: decoded.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private static func picture(_ decoded: pi_picture) -> Picture {
    let exif = Array(UnsafeBufferPointer(start: decoded.exif, count: decoded.exif_size))
    let orientation = Orientation(exif: exif)
    let samples = UnsafeRawPointer(decoded.samples)
    let count = Int(decoded.height) * Int(decoded.width) * Int(decoded.channels)

    func planes(_ channels: Range<Int>, _ depth: Picture.BitDepth) -> Tensor {
      switch depth {
      case .eight:
        deinterleave(
          UnsafeBufferPointer(start: samples?.assumingMemoryBound(to: UInt8.self), count: count),
          decoded, channels, orientation, maximum: depth.maximum)
      case .sixteen:
        deinterleave(
          UnsafeBufferPointer(start: samples?.assumingMemoryBound(to: UInt16.self), count: count),
          decoded, channels, orientation, maximum: depth.maximum)
      }
    }

    let depth: Picture.BitDepth = decoded.bit_depth == 16 ? .sixteen : .eight
    let channels = Int(decoded.channels)
    let colours = channels < 3 ? 1 : 3
    return Picture(
      colour: planes(0..<colours, depth),
      alpha: channels > colours ? planes(colours..<channels, depth) : nil, bitDepth: depth)
  }

  private static func deinterleave<Sample: FixedWidthInteger & UnsignedInteger>(
    _ samples: UnsafeBufferPointer<Sample>, _ decoded: pi_picture, _ wanted: Range<Int>,
    _ orientation: Orientation, maximum: Float
  ) -> Tensor {
    let (height, width) = (Int(decoded.height), Int(decoded.width))
    let channels = Int(decoded.channels)
    let walk = orientation.walk(storedHeight: height, storedWidth: width)
    let rows = orientation.swapsSides ? width : height
    let columns = orientation.swapsSides ? height : width
    var planes = Tensor([1, wanted.count, rows, columns])
    planes.withUnsafeMutableElements { target in
      var index = 0
      for channel in wanted {
        for row in 0..<rows {
          var source = (walk.start + row * walk.rowStep) * channels + channel
          for _ in 0..<columns {
            target[index] = Float(samples[source]) / maximum
            index += 1
            source += walk.columnStep * channels
          }
        }
      }
    }
    return planes
  }

  // MARK: Encoding

  /// Encodes a picture as a PNG file; values are clamped and rounded to the nearest step.
  static func encodePNG(_ picture: Picture) throws(EncodingError) -> [UInt8] {
    switch picture.bitDepth {
    case .eight: try encode(interleave(picture, as: UInt8.self), picture)
    case .sixteen: try encode(interleave(picture, as: UInt16.self), picture)
    }
  }

  private static func interleave<Sample: FixedWidthInteger & UnsignedInteger>(
    _ picture: Picture, as: Sample.Type
  ) -> [Sample] {
    let planes = [picture.colour] + (picture.alpha.map { [$0] } ?? [])
    let channels = planes.reduce(0) { $0 + $1.shape[1] }
    let pixels = picture.height * picture.width
    let maximum = picture.bitDepth.maximum
    return [Sample](unsafeUninitializedCapacity: pixels * channels) { target, filled in
      var channel = 0
      for plane in planes {
        plane.withUnsafeElements { source in
          for start in stride(from: 0, to: source.count, by: pixels) {
            for pixel in 0..<pixels {
              let value = source[start + pixel]
              // Written so that what is no number becomes 0.
              let clamped = value > 0 ? min(value, 1) : 0
              target[pixel * channels + channel] = Sample((clamped * maximum).rounded())
            }
            channel += 1
          }
        }
      }
      filled = pixels * channels
    }
  }

  /// Encodes the colours of a picture as a JPEG file.
  static func encodeJPEG(_ picture: Picture, quality: Int) throws(EncodingError) -> [UInt8] {
    let samples = interleave(Picture(colour: picture.colour), as: UInt8.self)
    return try bytes { file in
      samples.withUnsafeBufferPointer {
        pi_jpeg_encode(
          $0.baseAddress, UInt32(picture.width), UInt32(picture.height), Int32(picture.channels),
          Int32(quality), &file)
      }
    }
  }

  private static func encode<Sample>(
    _ samples: [Sample], _ picture: Picture
  ) throws(EncodingError) -> [UInt8] {
    let channels = picture.channels + (picture.alpha == nil ? 0 : 1)
    return try bytes { file in
      samples.withUnsafeBytes {
        pi_png_encode(
          $0.baseAddress, UInt32(picture.width), UInt32(picture.height), Int32(channels),
          Int32(picture.bitDepth.rawValue), &file)
      }
    }
  }

  private static func bytes(
    of encoder: (inout pi_bytes) -> pi_codec_status
  ) throws(EncodingError) -> [UInt8] {
    var file = pi_bytes()
    defer { pi_bytes_free(&file) }
    guard encoder(&file) == .done else { throw EncodingError() }
    return Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
  }
}
