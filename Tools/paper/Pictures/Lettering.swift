import Engine

/// Text over a picture, of letters of five by seven points.
enum Lettering {
  /// Each letter's rows, from the top; the leftmost point is the highest of five bits.
  private static let letters: [Character: [UInt8]] = [
    "A": [0x0E, 0x11, 0x11, 0x1F, 0x11, 0x11, 0x11],
    "D": [0x1E, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1E],
    "E": [0x1F, 0x10, 0x10, 0x1E, 0x10, 0x10, 0x1F],
    "G": [0x0E, 0x11, 0x10, 0x17, 0x11, 0x11, 0x0F],
    "I": [0x0E, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0E],
    "M": [0x11, 0x1B, 0x15, 0x15, 0x11, 0x11, 0x11],
    "O": [0x0E, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0E],
    "P": [0x1E, 0x11, 0x11, 0x1E, 0x10, 0x10, 0x10],
    "R": [0x1E, 0x11, 0x11, 0x1E, 0x14, 0x12, 0x11],
  ]

  /// The mask `[1, 1, height, width]` that hides lines of "deep image prior", one in each row of 11 points.
  static func mask(height: Int, width: Int) -> Tensor {
    let text = Array("DEEP IMAGE PRIOR ")
    let point = max(1, min(height, width) / 64)
    var known = Tensor([1, 1, height, width], repeating: 1)
    known.withMutableSpan { known in
      for y in 0..<height {
        let (line, row) = ((y / point) / 11, (y / point) % 11 - 2)
        guard 0..<7 ~= row else { continue }
        for x in 0..<width {
          let place = x / point + 13 * line
          let (letter, column) = (text[(place / 6) % text.count], place % 6)
          guard column < 5, let rows = letters[letter] else { continue }
          if rows[row] >> (4 - column) & 1 == 1 { known[y * width + x] = 0 }
        }
      }
    }
    return known
  }
}
