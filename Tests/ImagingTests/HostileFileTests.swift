import Engine
import Foundation
import Imaging
import TestSupport
import Testing

/// The error that reading a file ends in; `nil` where a picture is read.
func readingError(_ path: String) -> PictureError? {
  do throws(PictureError) {
    _ = try Picture(contentsOf: path)
    return nil
  } catch { return error }
}

@Suite("Files that are no good pictures")
struct HostileFileTests {
  /// The text of the error that reading these bytes ends in, without the path.
  private func message(_ bytes: some Sequence<UInt8>, named name: String = "picture.png") throws
    -> String
  {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: name).path
      try Data(bytes).write(to: URL(filePath: path))
      let text = readingError(path)?.description ?? "\(path): no error"
      #expect(text.hasPrefix(path + ": "))
      #expect(!text.contains("\n"))
      return String(text.dropFirst(path.count + 2))
    }
  }

  private func fixture(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("pictures/\(name)"))))
  }

  @Test(
    "other formats are named",
    arguments: [
      ("GIF89a", "a GIF"), ("BM", "a BMP"), ("RIFF....WEBPVP8 ", "a WebP"), ("II*\0", "a TIFF"),
      ("MM\0*", "a TIFF"), ("P5\n2 2\n255\n", "a PGM"), ("P6 2 2 255 ", "a PPM"),
      ("\0\0\0\u{18}ftypheic", "a HEIC"), ("\0\0\0\u{18}ftypavif", "an AVIF"),
      ("%PDF-1.7", "a PDF"),
      ("<?xml version='1.0'?>\n<svg>", "an SVG"), ("8BPS", "a Photoshop file"),
    ])
  func otherFormats(opening: String, name: String) throws {
    #expect(
      try message(opening.unicodeScalars.map { UInt8($0.value) })
        == "not a PNG or JPEG but \(name); convert it to PNG")
  }

  @Test(
    "what is no picture is named",
    arguments: [
      ("Dear reader,\n", " but text"), ("<!DOCTYPE html><p>", " but a web page"),
      ("\u{89}HDF\r\n\u{1a}\n", " but an HDF5 file, of weights perhaps"), ("\0\u{1}\u{2}\u{3}", ""),
      (
        "version https://git-lfs.github.com/spec/v1\n",
        " but a Git LFS pointer (the picture itself was not fetched)"
      ),
    ])
  func noPictures(opening: String, found: String) throws {
    #expect(
      try message(opening.unicodeScalars.map { UInt8($0.value) })
        == "not a PNG or JPEG\(found); give a PNG or JPEG picture")
  }

  @Test("the format is told by the bytes, not by the name")
  func misnamed() throws {
    #expect(try message(try fixture("jpeg/grey.jpg"), named: "picture.png") == "no error")
    #expect(try message(try fixture("kinds/0_8.png"), named: "picture.jpg") == "no error")
  }

  @Test("an empty file, a folder, a device and an absent file are told apart")
  func noBytes() throws {
    #expect(try message([]) == "the file is empty; fetch it again")
    #expect(readingError("/tmp") == .notAFile(file: "/tmp"))
    #expect(readingError("/dev/zero") == .notAFile(file: "/dev/zero"))
    #expect(readingError("/no/such.png") == .missing(file: "/no/such.png"))
    #expect(readingError("") == .missing(file: ""))
  }

  @Test("a name with a line end does not break the line of the message")
  func lineEnds() {
    let text = readingError("/no/such\nfile.png")?.description
    #expect(text == "/no/such\\nfile.png: there is no such file; check the path of the picture")
  }

  @Test("a transfer as text is recognised")
  func textTransfer() throws {
    let png = try fixture("kinds/0_8.png")
    for bytes in [png.filter { $0 != 0x0d }, png.map { $0 & 0x7f }] {
      #expect(
        try message(bytes)
          == "a PNG whose first bytes are damaged, as by a transfer as text; fetch it again")
    }
  }

  @Test("more pixels than the limit are refused by the header alone", arguments: ["png", "jpg"])
  func huge(type: String) throws {
    #expect(
      try message(try fixture("hostile/huge.\(type)")) == """
        40000 × 40000 pixels, more than the 67108864 that are read; scale the picture down first
        """)
    // Even where nothing follows.
    let header = try fixture("hostile/huge.png").prefix(33)
    #expect(try message(header).hasPrefix("40000 × 40000 pixels"))
  }

  @Test("a picture at the limit is not refused for its size")
  func atTheLimit() throws {
    #expect(try message(try fixture("hostile/limit.png")).contains("Not enough image data"))
  }

  @Test(
    "a file cut anywhere is an error",
    arguments: [
      "kinds/6_16_interlaced.png", "kinds/3_4_transparent.png", "jpeg/rgb_420.jpg",
      "jpeg/progressive.jpg", "jpeg/cmyk_adobe.jpg", "orientation/6.jpg",
    ])
  func cut(name: String) throws {
    let bytes = try fixture(name)
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "picture").path
      for length in stride(from: 1, to: bytes.count, by: 7) {
        try Data(bytes.prefix(length)).write(to: URL(filePath: path))
        switch readingError(path) {
        case .truncated, .corrupt: break
        case let other:
          Issue.record("\(length) of \(bytes.count) bytes: \(String(describing: other))")
        }
      }
    }
  }

  @Test(
    "damaged files end in a picture or an error, never in a crash",
    arguments: [
      "kinds/2_8_ancillary.png", "kinds/3_8_interlaced_transparent.png", "kinds/4_16.png",
      "jpeg/rgb_420.jpg", "jpeg/progressive.jpg", "jpeg/ycck_adobe.jpg", "orientation/8.jpg",
      "orientation/8.png",
    ])
  func damaged(name: String) throws {
    let bytes = try fixture(name)
    var source = RandomSource(seed: 11)
    var errors = 0
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "picture").path
      for round in 0..<150 {
        var mutant = bytes
        for _ in 0..<source.integer(in: 1...4) {
          let position = source.integer(in: 8...bytes.count - 1)
          mutant[position] = UInt8(source.integer(in: 0...255))
        }
        // Half of the PNG files get their checksums mended, or little would reach the decoder.
        if round % 2 == 0 { mendChecksums(of: &mutant) }
        try Data(mutant).write(to: URL(filePath: path))
        if let error = readingError(path) {
          errors += 1
          #expect(!error.description.contains("\n"))
        }
      }
    }
    // Some of either: the mutants reach the decoder, and are found out.
    #expect(errors > 10)
    #expect(errors < 150)
  }

  /// Writes the right checksum behind every chunk of a PNG file, as far as the lengths make sense.
  private func mendChecksums(of png: inout [UInt8]) {
    guard png[0] == 0x89 else { return }
    var start = 8
    while start + 12 <= png.count {
      let length = png[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      guard start + 12 + length <= png.count else { return }
      var sum = UInt32.max
      for byte in png[start + 4..<start + 8 + length] {
        sum ^= UInt32(byte)
        for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0xedb8_8320 }
      }
      for index in 0..<4 {
        png[start + 8 + length + index] = UInt8(~sum >> (24 - 8 * index) & 0xff)
      }
      start += 12 + length
    }
  }

  @Test("files are closed after success and failure alike")
  func descriptors() throws {
    func open() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
    let before = try open()
    for _ in 0..<300 {
      _ = readingError("/tmp")
      _ = readingError(Fixtures.path("pictures/hostile/huge.png"))
      _ = readingError(Fixtures.path("pictures/kinds/0_8.png"))
    }
    // Other tests have files open at the same time, but not hundreds.
    #expect(try open() < before + 100)
  }
}
