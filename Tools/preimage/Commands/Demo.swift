import ArgumentParser
import Engine
import Foundation
import Imaging
import PretrainedNets
import Reporting
import ShippedFiles

struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract:
      "Show on a page what the layers of the shipped network keep, and what its classes mean.",
    discussion: """
      Inverts a picture that ships with the program at an early, a middle and a late layer, with the Deep \
      Image Prior and with total variation, and maximises three classes. Writes the pictures and \
      report.html.
      """)

  @Option(name: .shortAndLong, help: "The folder to write to; it is made if it is not there.")
  var output: String

  @Option(
    parsing: .unconditional,
    help: "How many iterations an inversion with the Deep Image Prior takes.")
  var iterations = 300

  @Option(parsing: .unconditional, help: "The seed of all randomness: same seed, same pictures.")
  var seed: UInt64 = 0

  @OptionGroup
  var parallelism: ThreadOptions

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    try RunOptions.check(iterations, "--iterations", in: 1...10_000_000)
  }

  func run() throws {
    let folder = try ReportFolder(output)

    let network = Architecture.textures
    guard let weights = ShippedFiles.weights(of: network.name) else {
      throw ClassifierError.noWeights(network: network.name)
    }
    let demonstration = Demonstration(
      classifier: try Classifier(network, weightsAt: weights.path),
      picture: network.fit(try Picture(contentsOf: ShippedFiles.picture.path)),
      iterations: iterations, seed: seed, threads: try parallelism.pool(),
      isQuiet: quiet)
    let start = ContinuousClock.now
    let inverted = try demonstration.inversions()
    let maximized = try demonstration.maximizations()
    let seconds = (ContinuousClock.now - start) / .seconds(1)

    for found in inverted + maximized {
      try found.picture.write(to: folder["\(found.name).png"])
    }
    let page = try demonstration.page(
      inverted, maximized,
      facts: [
        ("Made by", "preimage \(Preimage.configuration.version)"),
        (
          "Again",
          "preimage demo --iterations \(iterations) --seed \(seed) --output FOLDER"
        ),
        ("Network", "\(network.name), \(network.parameterCount) parameters"),
        ("Time", String(format: "%.0f s on %d threads", seconds, parallelism.threads)),
      ])
    try page.write(to: folder.report)
    print(
      "\(folder.report): \(inverted.count) inversions and \(maximized.count) maximisations in "
        + String(format: "%.0f s", seconds))
  }
}
