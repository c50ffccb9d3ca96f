import ArgumentParser
import DIP
import Imaging

struct RemoveJPEGArtefacts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dejpeg",
    abstract: "Remove the blocks and rings of strong JPEG compression.",
    discussion: """
      A hourglass that is narrow at its fine scales learns the picture before it learns the blocks; the \
      average of the iterates is written.
      """)

  @Argument(help: "The compressed picture, JPEG or PNG.")
  var picture: String

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  @Option(help: "The picture before compression: scores are told, nothing else changes.")
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
      task: "dejpeg", options: options, parts: parts, outputs: outputs, file: picture,
      given: given, clean: clean)
    try run(prior.applied(to: .removingJPEGArtefacts(of: given.colour)))
  }
}
