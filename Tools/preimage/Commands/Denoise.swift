import ArgumentParser
import DIP
import Imaging

struct Denoise: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "denoise",
    abstract: "Remove noise from a picture.",
    discussion: """
      The standard hourglass of the Deep Image Prior learns the picture before it learns the noise; \
      the average of the iterates is written. With weak noise fewer iterations do.
      """)

  @Argument(help: "The noisy picture, PNG or JPEG.")
  var picture: String

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  @Option(help: "The undamaged picture: scores are told, nothing else changes.")
  var clean: String?

  @OptionGroup(title: "Prior")
  var prior: PriorOptions

  @OptionGroup(title: "Parts")
  var parts: PartOptions

  @OptionGroup(title: "Run")
  var options: RunOptions

  func run() throws {
    let outputs = try Outputs(
      picture: output, run: options, inputs: [picture, clean, prior.magnitude],
      others: parts.outputs)
    let given = try Picture(contentsOf: picture)
    let run = RestorationRun(
      task: "denoise", options: options, parts: parts, outputs: outputs, file: picture,
      given: given, clean: clean)
    try run(prior.applied(to: .denoising(given.colour)))
  }
}
