import ArgumentParser
import DIP
import Imaging

struct Flash: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flash",
    abstract: "Clean a picture taken without flash by one taken with it.",
    discussion: """
      The picture with flash is what the hourglass is fed, the one without what it must explain: the \
      light is that of the latter, the detail that of the former. Both show the same, of one size and \
      unmoved. The learning rate is high: a run that sticks at a tinted picture is best repeated with \
      another --seed.
      """)

  @Argument(help: "The noisy picture taken without flash, PNG or JPEG.")
  var picture: String

  @Option(help: "The picture of the same taken with flash, PNG or JPEG.")
  var flash: String

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  @Option(help: "The clean picture: scores are told, nothing else changes.")
  var clean: String?

  @OptionGroup(title: "Parts")
  var parts: PartOptions

  @OptionGroup(title: "Run")
  var options: RunOptions

  func run() throws {
    let outputs = try Outputs(
      picture: output, run: options, inputs: [picture, flash, clean], others: parts.outputs)
    let given = try Picture(contentsOf: picture)
    let guide = try Picture(contentsOf: flash)
    guard guide.width == given.width, guide.height == given.height else {
      throw FileError(
        file: flash,
        problem: """
          the picture with flash has \(guide.width)×\(guide.height) pixels and the one without \
          \(given.width)×\(given.height); give two of one size
          """)
    }
    let run = RestorationRun(
      task: "flash", options: options, parts: parts, outputs: outputs, file: picture,
      given: given, clean: clean)
    try run(.flash(given.colour, guide: guide.colour))
  }
}
