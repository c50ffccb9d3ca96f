import ArgumentParser
import DIP
import Imaging

struct SuperResolve: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "superres",
    abstract: "Enlarge a picture.",
    discussion: """
      Finds the larger picture whose Lanczos reduction is the given one. With --clean, bicubic \
      enlargement is scored beside it.
      """)

  @Argument(help: "The small picture, PNG or JPEG.")
  var picture: String

  @Option(parsing: .unconditional, help: "How many times larger, 2 to 16.")
  var factor: Int

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  @Option(help: "The large picture: scores are told, nothing else changes.")
  var clean: String?

  @OptionGroup(title: "Prior")
  var prior: PriorOptions

  @OptionGroup(title: "Run")
  var options: RunOptions

  func validate() throws { try RunOptions.check(factor, "--factor", in: 2...16) }

  func run() throws {
    let outputs = try Outputs(
      picture: output, run: options, inputs: [picture, clean, prior.magnitude])
    let given = try Picture(contentsOf: picture)
    let (height, width) = (given.height * factor, given.width * factor)
    guard height * width <= Picture.pixelLimit else {
      throw FileError(
        file: picture,
        problem: """
          enlarged \(factor) times it would have \(width)×\(height) pixels, more than \
          \(Picture.pixelLimit); give a smaller picture or factor
          """)
    }
    var run = RestorationRun(
      task: "superres", options: options, outputs: outputs, file: picture, given: given,
      clean: clean, baseline: given.resized(toHeight: height, width: width, filter: .bicubic))
    run.alpha = given.alpha?.resized(toHeight: height, width: width, filter: .lanczos3).clamped()
    try run(prior.applied(to: .superResolution(of: given.colour, factor: factor)))
  }
}
