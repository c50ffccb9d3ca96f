extension Report {
  /// What was measured of a file of weights.
  struct Loading {
    var name: String
    var format: String
    /// What the tensors take in memory.
    var bytes: Int
    var reading: Result
    var loading: Result
  }

  static func loadings(_ measured: [Loading]) -> String {
    var table = Table(
      "weights", "format", "size", "reading", "loading", "minimum", "median", "maximum", "memory",
      texts: 2)
    for one in measured {
      let (reading, loading) = (one.reading.secondsPerIteration, one.loading.secondsPerIteration)
      let memory = one.loading.peakBytes.map { Double($0) / Double(one.bytes) }
      table.rows.append(
        [
          one.name, one.format, Format.bytes(one.bytes), Format.seconds(Spread(reading).median),
          Format.seconds(Spread(loading).median),
        ] + Format.cells(Spread(ratiosOf: loading, to: reading))
          + [memory.map(Format.number) ?? "–"])
    }
    return section(
      "Loading weights",
      "The time of reading a file that the system has in memory into one buffer and of loading all "
        + "weights from it (medians), how many times longer the latter takes, round by round, and "
        + "how many times the weights its process takes of memory at most.", table)
  }
}
