import ArgumentParser
import DIP
import Imaging

struct Deblur: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deblur",
    abstract: "Remove a known blur from a picture.",
    discussion: """
      Finds the sharp picture which the kernel blurs to the given one. Its surroundings, as far as the \
      kernel reaches, are sought with it, so that no rings come in from the edges.
      """)

  @Argument(help: "The blurred picture, PNG or JPEG.")
  var picture: String

  @Option(
    help: """
      A picture of the kernel, of odd sides: what a single white point becomes. Its grey values are \
      divided by their sum.
      """)
  var kernel: String?

  @Option(
    parsing: .unconditional, help: "The standard deviation in pixels of a Gaussian blur, up to 31.")
  var gaussian: Double?

  @Option(
    parsing: .unconditional,
    help: "The radius in pixels of the disc of a lens out of focus, up to 127.")
  var disc: Double?

  @Option(
    parsing: .unconditional,
    help: """
      The movement of a camera, LENGTH,ANGLE: in pixels, up to 255, and in degrees counterclockwise \
      from the right.
      """)
  var motion: Motion?

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  @Option(help: "The sharp picture: scores are told, nothing else changes.")
  var clean: String?

  @OptionGroup(title: "Prior")
  var prior: PriorOptions

  @OptionGroup(title: "Parts")
  var parts: PartOptions

  @OptionGroup(title: "Run")
  var options: RunOptions

  func validate() throws {
    let given: [Any?] = [kernel, gaussian, disc, motion]
    guard given.count(where: { $0 != nil }) == 1 else {
      throw ValidationError("give one of --kernel, --gaussian, --disc and --motion")
    }
    if kernel == nil { _ = try blur() }
  }

  func run() throws {
    let outputs = try Outputs(
      picture: output, run: options, inputs: [picture, kernel, clean, prior.magnitude],
      others: parts.outputs)
    let given = try Picture(contentsOf: picture)
    let blur = try blur()
    guard blur.height <= given.height, blur.width <= given.width else {
      throw FileError(
        file: kernel ?? picture,
        problem: """
          the kernel has \(blur.width)×\(blur.height) pixels and the picture \
          \(given.width)×\(given.height); give a smaller kernel
          """)
    }
    let run = RestorationRun(
      task: "deblur", options: options, parts: parts, outputs: outputs, file: picture,
      given: given, clean: clean)
    try run(prior.applied(to: .deblurring(given.colour, kernel: blur)))
  }

  private func blur() throws -> BlurKernel {
    if let kernel {
      let spread = try Picture(contentsOf: kernel).convertedToGrey().colour
      do { return try BlurKernel(spread) } catch {
        throw FileError(file: kernel, problem: "\(error)")
      }
    }
    do {
      if let gaussian { return try .gaussian(deviation: gaussian) }
      if let disc { return try .disc(radius: disc) }
      let motion = motion ?? Motion(length: 1, angle: 0)
      return try .motion(length: motion.length, angle: motion.angle)
    } catch { throw ValidationError("\(error)") }
  }

  struct Motion: ExpressibleByArgument {
    var length: Double
    var angle: Double

    init(length: Double, angle: Double) { (self.length, self.angle) = (length, angle) }

    init?(argument: String) {
      let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map {
        Double($0)
      }
      guard parts.count == 2, let length = parts[0], let angle = parts[1] else { return nil }
      self.init(length: length, angle: angle)
    }
  }
}
