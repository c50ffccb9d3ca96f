import ArgumentParser
import DIP
import Foundation

/// In how many parts a picture is restored, and what is told of its certainty.
struct PartOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "How many times it is restored, with seeds that follow each other; the mean is written.")
  var runs = 1

  @Option(
    parsing: .unconditional,
    help: "Restore in overlapping tiles of at most so many pixels a side, blended without seams.")
  var tile: Int?

  @Option(help: "Keep to so much memory, such as 4G or 900M: tiles are chosen where need be.")
  var memory: Size?

  @Flag(
    help: """
      Langevin dynamics: the kernels get noise at each step, and the mean of the iterates after \
      --burn-in is written. Takes some ten times the iterations, and needs no stop rule.
      """)
  var sgld = false

  @Option(
    parsing: .unconditional, help: "The iterations before the first that counts, with --sgld.")
  var burnIn = SolvePlan.Langevin().burnIn

  @Option(
    help: """
      With --sgld, write how uncertain each pixel is: the standard deviation of the iterates, white \
      the largest, as a PNG file.
      """)
  var uncertainty: String?

  func validate() throws {
    try RunOptions.check(runs, "--runs", in: 1...1000)
    try RunOptions.check(burnIn, "--burn-in", in: 0...10_000_000)
    if let tile { try RunOptions.check(tile, "--tile", in: 32...65_536) }
    if tile != nil, memory != nil {
      throw ValidationError("--memory chooses the tile; leave out --tile")
    }
    if uncertainty != nil, !sgld {
      throw ValidationError("--uncertainty is told by --sgld; give it too")
    }
  }

  /// The pictures that it writes, by the option that names them.
  var outputs: [(name: String, path: String?)] { [("--uncertainty", uncertainty)] }

  /// A plan with the noise that is asked for.
  ///
  /// - Throws: `ValidationError` where nothing is left after the burn-in.
  func applied(to plan: SolvePlan, options: RunOptions) throws -> SolvePlan {
    guard sgld else { return plan }
    guard options.stop == nil || options.stop == .fixed else {
      throw ValidationError("--sgld does not overfit and needs no --stop; leave it out")
    }
    var plan = plan
    plan.langevin = .init(burnIn: burnIn)
    plan.stopping = nil
    // As its authors.
    if options.iterations == nil { plan.iterations = 20_000 }
    guard plan.iterations - burnIn > 1 else {
      throw ValidationError(
        "--burn-in \(burnIn) leaves nothing of \(plan.iterations) iterations; give more of these")
    }
    return plan
  }

  /// An amount of memory as people write it.
  struct Size: ExpressibleByArgument {
    var bytes: Int

    init?(argument: String) {
      let units: [Character: Double] = ["K": 0x1p10, "M": 0x1p20, "G": 0x1p30]
      let unit = argument.last.flatMap { units[Character($0.uppercased())] }
      guard let number = Double(unit == nil ? argument : String(argument.dropLast())),
        let bytes = Int(exactly: (number * (unit ?? 1)).rounded()), bytes > 0
      else { return nil }
      self.bytes = bytes
    }
  }
}
