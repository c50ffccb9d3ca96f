/// How the rows of a file are to be turned and mirrored for showing (EXIF 2.32, tag 274).
enum Orientation: Int, CaseIterable {
  case upright = 1
  case mirrored, turnedAround, flipped, transposed, turnedRight, transversed, turnedLeft

  /// Whether rows become columns.
  var swapsSides: Bool { rawValue >= 5 }

  /// Reads the orientation in a block of EXIF, which begins with a TIFF header.
  ///
  /// A block that is broken or says nothing leaves the picture as it is stored, as viewers do.
  init(exif: [UInt8]) {
    self = Self.find(in: exif).flatMap(Orientation.init(rawValue:)) ?? .upright
  }

  private static func find(in exif: [UInt8]) -> Int? {
    let littleEndian = exif.starts(with: [0x49, 0x49])
    guard littleEndian || exif.starts(with: [0x4d, 0x4d]) else { return nil }

    func integer(at offset: Int, bytes: Int) -> Int? {
      guard offset >= 0, offset + bytes <= exif.count else { return nil }
      let field = exif[offset..<offset + bytes]
      return (littleEndian ? Array(field.reversed()) : Array(field)).reduce(0) { $0 << 8 | Int($1) }
    }

    guard integer(at: 2, bytes: 2) == 42, let directory = integer(at: 4, bytes: 4),
      let entries = integer(at: directory, bytes: 2)
    else { return nil }
    for entry in (0..<entries).map({ directory + 2 + 12 * $0 }) {
      guard let tag = integer(at: entry, bytes: 2) else { return nil }
      guard tag == 274 else { continue }
      // A SHORT, the left of the four bytes of the value; some writers make it a LONG.
      switch integer(at: entry + 2, bytes: 2) {
      case 3: return integer(at: entry + 8, bytes: 2)
      case 4: return integer(at: entry + 8, bytes: 4)
      default: return nil
      }
    }
    return nil
  }

  /// The walk over stored pixels that yields the shown rows: where it begins, and the steps from a
  /// row to the next and from a column to the next, all in pixels.
  func walk(storedHeight height: Int, storedWidth width: Int) -> (
    start: Int, rowStep: Int, columnStep: Int
  ) {
    let lastRow = (height - 1) * width
    let lastColumn = width - 1
    return switch self {
    case .upright: (0, width, 1)
    case .mirrored: (lastColumn, width, -1)
    case .turnedAround: (lastRow + lastColumn, -width, -1)
    case .flipped: (lastRow, -width, 1)
    case .transposed: (0, 1, width)
    case .turnedRight: (lastRow, 1, -width)
    case .transversed: (lastRow + lastColumn, -1, -width)
    case .turnedLeft: (lastColumn, -1, width)
    }
  }
}
