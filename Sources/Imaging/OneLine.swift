extension String {
  /// The text with control characters escaped, so that it stays on one line of a terminal.
  package var onOneLine: String {
    var line = ""
    for scalar in unicodeScalars {
      if scalar.value < 0x20 || scalar.value == 0x7f {
        line += scalar.escaped(asASCII: true)
      } else {
        line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}
