import ArgumentParser
import DIP
import Engine
import Imaging

struct Inpaint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inpaint",
    abstract: "Fill the missing parts of a picture.",
    discussion: """
      What is missing is told by a mask, by the picture's own transparency or, to try the method on a \
      whole picture, by chance. What is known stays as it is; scores are of the picture as it is \
      written.
      """)

  @Argument(help: "The picture, PNG or JPEG.")
  var picture: String

  @Option(
    help: """
      A picture of the same size: black where the picture is missing, white elsewhere. Without it, what \
      is more than half transparent is missing.
      """)
  var mask: String?

  @Option(
    parsing: .unconditional,
    help: """
      Hide this share of the pixels, drawn by the seed; scores are against the picture itself unless \
      there is --clean.
      """)
  var missing: Double?

  @Option(
    help: """
      What is missing: text (thin strokes), region (whole objects), pixels (single pixels all over) or \
      sparse (nearly all pixels); each has settings of its own. (default: pixels with --missing, \
      otherwise text)
      """)
  var holes: Restoration.Holes?

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

  func validate() throws {
    if mask != nil, missing != nil { throw ValidationError("give --mask or --missing, not both") }
    if let missing, !(missing > 0 && missing < 1) {
      throw ValidationError("--missing takes a share between 0 and 1, such as 0.5, not \(missing)")
    }
  }

  func run() throws {
    let outputs = try Outputs(
      picture: output, run: options, inputs: [picture, mask, clean, prior.magnitude],
      others: parts.outputs)
    let given = try Picture(contentsOf: picture)
    let known = try known(of: given)
    let hidden = known.elements.count { $0 == 0 }
    let isTrial = missing != nil
    var run = RestorationRun(
      task: "inpaint", options: options, parts: parts, outputs: outputs, file: picture,
      given: given, clean: clean ?? (isTrial ? picture : nil),
      baseline: isTrial ? Picture(colour: given.colour.filled(with: nil, where: known)) : given)
    // Its transparency told what was missing, and nothing is missing now.
    run.alpha = mask == nil && !isTrial ? nil : given.alpha
    if isTrial {
      run.remark =
        "; \(hidden) of \(known.shape.count) pixels were hidden by seed \(options.seed)"
    }
    run.finish = { picture, region in
      given.colour.cropped(to: region)
        .filled(with: picture.clamped(), where: known.cropped(to: region))
    }
    try run(
      prior.applied(
        to: .inpainting(given.colour, mask: known, holes: holes ?? (isTrial ? .pixels : .text))))
  }

  /// 1 where the picture is known and 0 where it is not.
  private func known(of given: Picture) throws -> Tensor {
    if let mask { return try readMask(mask, for: given) }
    if let missing {
      // Of a family of its own, so that it is not the noise that the search begins with.
      let random = RandomSource(seed: options.seed).member(1 << 32)
      let known = Degradation.randomMask(
        hiding: Float(missing), height: given.height, width: given.width, random: random)
      try check(known, picture) {
        "--missing \(missing) has hidden \($0 ? "all" : "none") of its pixels; give a share nearer 0.5"
      }
      return known
    }
    guard let alpha = given.alpha else {
      throw ValidationError("\(picture) has no transparency; give a --mask or --missing 0.5")
    }
    let known = Tensor(alpha.shape, alpha.elements.map { $0 >= 0.5 ? 1 : 0 })
    try check(known, picture) {
      """
      the picture is \($0 ? "transparent" : "opaque") everywhere, and transparency tells what is \
      missing; give a --mask or --missing 0.5
      """
    }
    return known
  }

  private func readMask(_ file: String, for given: Picture) throws -> Tensor {
    let picture = try Picture(contentsOf: file).convertedToGrey()
    guard picture.width == given.width, picture.height == given.height else {
      throw FileError(
        file: file,
        problem: """
          the mask has \(picture.width)×\(picture.height) pixels and the picture \
          \(given.width)×\(given.height); give a mask of the picture's size
          """)
    }
    let known = Tensor(picture.colour.shape, picture.colour.elements.map { $0 >= 0.5 ? 1 : 0 })
    try check(known, file) {
      """
      the mask is \($0 ? "black" : "white") everywhere; it needs black where the picture is missing \
      and white where it is known
      """
    }
    return known
  }

  /// Refuses what hides all or nothing; `problem` is told which.
  private func check(_ known: Tensor, _ file: String, problem: (Bool) -> String) throws {
    let elements = known.elements
    let hidesAll = !elements.contains(1)
    if hidesAll || !elements.contains(0) {
      throw FileError(file: file, problem: problem(hidesAll))
    }
  }
}

extension Restoration.Holes: ExpressibleByArgument {}
