import ArgumentParser
import DIP

/// What commands take that search many pictures.
struct SearchOptions: ParsableArguments {
  @Option(help: "The priors to search with: \(PriorList.known).")
  var priors = PriorList(kinds: [.dip, .tv])

  @Option(parsing: .unconditional, help: "How many iterations each search takes.")
  var iterations: Int?

  @Option(parsing: .unconditional, help: "The first seed: same seed, same pictures.")
  var seed: UInt64 = 0

  @Option(parsing: .unconditional, help: "How many seeds each search is done with.")
  var seeds = 1

  @OptionGroup
  var parallelism: ThreadOptions

  @OptionGroup
  var live: LiveOptions

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    if let iterations { try RunOptions.check(iterations, "--iterations", in: 1...10_000_000) }
    try RunOptions.check(seeds, "--seeds", in: 1...100)
  }

  var allSeeds: [UInt64] { (0..<UInt64(seeds)).map { seed &+ $0 } }
}

/// Priors named by `A,B,…`.
struct PriorList: ExpressibleByArgument {
  var kinds: [PriorKind]

  static let known = PriorKind.allCases.map(\.rawValue).joined(separator: ", ")

  init(kinds: [PriorKind]) { self.kinds = kinds }

  init?(argument: String) {
    kinds = []
    for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let kind = PriorKind(rawValue: String(name)), !kinds.contains(kind) else { return nil }
      kinds.append(kind)
    }
  }

  var defaultValueDescription: String { kinds.map(\.rawValue).joined(separator: ",") }
}
