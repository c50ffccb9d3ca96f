/// The sections of the report.
enum Report {
  typealias Result = Comparison.Result

  static func solves(_ measured: [(name: String, results: [Result])]) -> String {
    var table = Table(
      "workload", "by", "minimum", "median", "maximum", "GFLOP/s", "peak memory", "allocations",
      texts: 2)
    var ratios = Table("workload", "against", "minimum", "median", "maximum", texts: 2)
    for (name, results) in measured {
      for result in results {
        let gflop = results[0].ready.gflop
        let spread = Spread(result.secondsPerIteration)
        table.rows.append(
          [name, result.title] + Format.cells(spread, Format.seconds)
            + [
              gflop.map { Format.number($0 / spread.median) } ?? "–",
              Format.bytes(result.peakBytes), allocations(of: result),
            ])
      }
      for other in results.dropFirst() {
        let ratio = Spread(
          ratiosOf: other.secondsPerIteration, to: results[0].secondsPerIteration)
        ratios.rows.append([name, other.title] + Format.cells(ratio))
      }
    }
    var text = section(
      "Iterations",
      "The time of one iteration over the rounds, the memory of the whole process, and the calls of "
        + "the allocator in an iteration.", table)
    text += growth(measured)
    if let version = measured.flatMap(\.results).compactMap(\.ready.version).first {
      text += section(
        "Against PyTorch",
        "How many times faster an iteration of ours is than one of \(version), round by round.",
        ratios)
    }
    return text
  }

  /// How the cost of the hourglass grows from each size to the next; nothing where there is one size.
  private static func growth(_ measured: [(name: String, results: [Result])]) -> String {
    let sizes = measured.filter { $0.name.hasPrefix("hourglass-") }
    var table = Table("from", "to", "work", "time", "memory", texts: 2)
    for (small, large) in zip(sizes, sizes.dropFirst()) {
      let (a, b) = (small.results[0], large.results[0])
      guard let work = a.ready.gflop, let more = b.ready.gflop, let bytes = a.peakBytes,
        let moreBytes = b.peakBytes
      else { continue }
      let time = Spread(b.secondsPerIteration).median / Spread(a.secondsPerIteration).median
      table.rows.append(
        [small.name, large.name]
          + [more / work, time, Double(moreBytes) / Double(bytes)].map(Format.number))
    }
    if table.rows.isEmpty { return "" }
    return section(
      "Growth",
      "How many times more work, time (by the medians) and memory a larger picture takes.",
      table)
  }

  static func convolutions(_ measured: [(shape: ConvolutionShape, results: [Result])]) -> String {
    var table = Table(
      "convolution", "pass", "GFLOP/s", "sgemm", "minimum", "median", "maximum", "allocations",
      texts: 2)
    for (shape, results) in measured {
      guard let peak = results.first?.gflops else { continue }
      for result in results.dropFirst() {
        guard let gflops = result.gflops else { continue }
        table.rows.append(
          [
            shape.title, result.title, Format.number(Spread(gflops).median),
            Format.number(Spread(peak).median),
          ] + Format.cells(Spread(ratiosOf: gflops, to: peak)) + [allocations(of: result)])
      }
    }
    return section(
      "Convolutions",
      "GFLOP/s counted as direct (medians), and how many times those of sgemm they are, round by "
        + "round.", table)
  }

  /// Two priors of the same picture, the slower first.
  static func priors(_ results: [Result]) -> String {
    var table = Table("prior", "minimum", "median", "maximum", texts: 1)
    for result in results {
      table.rows.append(
        [result.title] + Format.cells(Spread(result.secondsPerIteration), Format.seconds))
    }
    let ratio = Spread(
      ratiosOf: results[0].secondsPerIteration, to: results[1].secondsPerIteration)
    table.rows.append(["times faster"] + Format.cells(ratio))
    return section("Priors", "The time of one iteration, and the ratios round by round.", table)
  }

  static func scaling(_ name: String, _ results: [Result]) -> String {
    var table = Table("workload", "threads", "minimum", "median", "maximum", texts: 2)
    for result in results {
      table.rows.append(
        [name, result.title]
          + Format.cells(Spread(result.secondsPerIteration), Format.seconds))
    }
    let ratio = Spread(
      ratiosOf: results[0].secondsPerIteration, to: results[1].secondsPerIteration)
    table.rows.append([name, "times faster"] + Format.cells(ratio))
    return section("Scaling", "The time of one iteration, and the ratios round by round.", table)
  }

  private static func allocations(of result: Result) -> String {
    let counts = result.allocationsPerIteration
    return counts.isEmpty ? "–" : Format.number(Spread(counts).median)
  }

  static func section(_ title: String, _ text: String, _ table: Table) -> String {
    "\n## \(title)\n\n\(text)\n\n\(table)"
  }
}
