import ArgumentParser
import DIP
import Engine
import Imaging

struct Inpaint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inpaint",
    abstract: "Fill the missing parts of a picture.",
    discussion: """
      What the mask leaves white is known and stays as it is; what it has black is filled. Scores \
      are of the picture as it is written.
      """)

  @Argument(help: "The picture, PNG or JPEG.")
  var picture: String

  @Option(help: "A picture of the same size: black where the picture is missing, white elsewhere.")
  var mask: String

  @Option(
    help: """
      What is missing: text (thin strokes), region (whole objects) or pixels (single pixels all \
      over); each has settings of its own.
      """)
  var holes = Restoration.Holes.text

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  @Option(help: "The undamaged picture: scores are told, nothing else changes.")
  var clean: String?

  @OptionGroup(title: "Prior")
  var prior: PriorOptions

  @OptionGroup(title: "Run")
  var options: RunOptions

  func run() throws {
    let outputs = try Outputs(
      picture: output, run: options, inputs: [picture, mask, clean, prior.magnitude])
    let given = try Picture(contentsOf: picture)
    let known = try readMask(for: given)
    var run = RestorationRun(
      task: "inpaint", options: options, outputs: outputs, file: picture, given: given,
      clean: clean)
    run.finish = { given.colour.filled(with: $0.clamped(), where: known) }
    try run(prior.applied(to: .inpainting(given.colour, mask: known, holes: holes)))
  }

  /// 1 where the picture is known and 0 where it is not.
  private func readMask(for given: Picture) throws -> Tensor {
    let picture = try Picture(contentsOf: mask).convertedToGrey()
    guard picture.width == given.width, picture.height == given.height else {
      throw FileError(
        file: mask,
        problem: """
          the mask has \(picture.width)×\(picture.height) pixels and the picture \
          \(given.width)×\(given.height); give a mask of the picture's size
          """)
    }
    let known = picture.colour.elements.map { $0 >= 0.5 ? 1 : 0 as Float }
    guard known.contains(0), known.contains(1) else {
      throw FileError(
        file: mask,
        problem: """
          the mask is \(known.contains(0) ? "black" : "white") everywhere; it needs black where the \
          picture is missing and white where it is known
          """)
    }
    return Tensor([1, 1, given.height, given.width], known)
  }
}

extension Restoration.Holes: ExpressibleByArgument {}

extension Tensor {
  /// The picture with another's pixels where the mask `[1, 1, H, W]` is 0.
  fileprivate func filled(with other: Tensor, where known: Tensor) -> Tensor {
    var result = self
    let plane = known.shape.count
    known.withSpan { known in
      other.withSpan { other in
        result.withMutableSpan { elements in
          for index in elements.indices where known[index % plane] == 0 {
            elements[index] = other[index]
          }
        }
      }
    }
    return result
  }
}
