import Reporting
import Testing

@Suite("Tables")
struct TableTests {
  static let table: Table = {
    var table = Table(columns: [.init("what"), .init("PSNR, dB", isNumeric: true)])
    table.append(["a|b", "30.43"])
    table.append(["said \"so\"", "9.1"])
    return table
  }()

  @Test("Markdown is padded, numbers to the right, and bars escaped")
  func markdown() {
    #expect(
      Self.table.markdown == """
        | what      | PSNR, dB |
        | --------- | -------: |
        | a\\|b      |    30.43 |
        | said "so" |      9.1 |

        """)
  }

  @Test("cells with commas and quotation marks are quoted in CSV")
  func csv() {
    #expect(Self.table.csv == "what,\"PSNR, dB\"\na|b,30.43\n\"said \"\"so\"\"\",9.1\n")
  }
}
