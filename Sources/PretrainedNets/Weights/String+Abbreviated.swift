extension String {
  /// The text, cut where it is longer than names are: what stands in a file may be of any length.
  var abbreviated: String {
    let limit = 80
    // By scalars: a single character can have thousands of accents.
    guard let end = unicodeScalars.index(startIndex, offsetBy: limit, limitedBy: endIndex),
      end < endIndex
    else { return self }
    return String(unicodeScalars[..<end]) + "…"
  }
}
