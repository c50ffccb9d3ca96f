import ArgumentParser
import DIP
import Engine
import Imaging

struct SuperResolve: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "superres",
    abstract: "Enlarge a picture.",
    discussion: """
      Finds the larger picture whose reduction through a filter is the given one. With --clean, bicubic \
      enlargement is scored beside it.
      """)

  @Argument(help: "The small picture, PNG or JPEG.")
  var picture: String

  @Option(
    parsing: .unconditional,
    help: "How many times larger, above 1 and up to 64, such as 4 or 2.5; the sides are rounded.")
  var factor: Double

  @Option(help: "How the small picture came of the large one: \(Filter.names).")
  var filter = Filter.lanczos2

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  @Option(help: "The large picture: scores are told, nothing else changes.")
  var clean: String?

  @OptionGroup(title: "Prior")
  var prior: PriorOptions

  @OptionGroup(title: "Parts")
  var parts: PartOptions

  @OptionGroup(title: "Run")
  var options: RunOptions

  /// The filters whose pixels are the middles of those that become one, as cameras and programs have it.
  enum Filter: String, ExpressibleByArgument, CaseIterable {
    case lanczos2, lanczos3, bicubic, gaussian, box

    static let names = "lanczos2, lanczos3, bicubic, gaussian (deviation factor / 2) or box"

    var method: DownsamplingFilter {
      switch self {
      case .lanczos2: .lanczos2
      case .lanczos3: .lanczos3
      case .bicubic: .bicubic
      case .gaussian: .gaussian
      case .box: .box
      }
    }
  }

  func validate() throws {
    let largest = Degradation.largestFactor
    guard factor > 1, factor <= Double(largest) else {
      throw ValidationError("--factor takes a number above 1 and up to \(largest), not \(factor)")
    }
  }

  func run() throws {
    let outputs = try Outputs(
      picture: output, run: options, inputs: [picture, clean, prior.magnitude],
      others: parts.outputs)
    let given = try Picture(contentsOf: picture)
    let restoration: Restoration
    do {
      restoration = try .superResolution(
        of: given.colour, factor: factor, filter: filter.method)
    } catch { throw FileError(file: picture, problem: "\(error)") }
    func enlarged(_ side: Int) -> Int { Int((Double(side) * factor).rounded()) }
    let (height, width) = (enlarged(given.height), enlarged(given.width))
    guard height * width <= Picture.pixelLimit else {
      throw FileError(
        file: picture,
        problem: """
          enlarged \(factor) times it would have \(width)×\(height) pixels, more than \
          \(Picture.pixelLimit); give a smaller picture or factor
          """)
    }
    var run = RestorationRun(
      task: "superres", options: options, parts: parts, outputs: outputs, file: picture,
      given: given, clean: clean,
      baseline: given.resized(toHeight: height, width: width, filter: .bicubic))
    run.alpha = given.alpha?.resized(toHeight: height, width: width, filter: .lanczos3).clamped()
    try run(prior.applied(to: restoration))
  }
}
