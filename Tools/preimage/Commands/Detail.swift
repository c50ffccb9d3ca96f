import ArgumentParser
import DIP
import Engine
import Imaging

struct Detail: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detail",
    abstract: "Boost the fine detail of a picture.",
    discussion: """
      The search for the picture itself finds its shapes first and its fine detail late. What an early \
      iterate lacks is added to the picture. With fewer iterations coarser things count as detail.
      """)

  @Argument(help: "The picture, PNG or JPEG.")
  var picture: String

  @Option(
    parsing: .unconditional,
    help: "How many times the detail is added; below 0, up to -1, it is taken away.")
  var strength = 1.0

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  @OptionGroup(title: "Parts")
  var parts: PartOptions

  @OptionGroup(title: "Run")
  var options: RunOptions

  func validate() throws {
    guard (-1...100).contains(strength) else {
      throw ValidationError("--strength takes a number from -1 to 100, not \(strength)")
    }
  }

  func run() throws {
    let outputs = try Outputs(
      picture: output, run: options, inputs: [picture], others: parts.outputs)
    let given = try Picture(contentsOf: picture)
    var run = RestorationRun(
      task: "detail", options: options, parts: parts, outputs: outputs, file: picture,
      given: given, clean: nil)
    let strength = Float(strength)
    run.finish = { given.colour.cropped(to: $1).boosted(beyond: $0, by: strength) }
    try run(.base(of: given.colour))
  }
}

extension Tensor {
  /// The picture with its difference from a base added some times more, clamped to 0 ... 1.
  fileprivate func boosted(beyond base: Tensor, by strength: Float) -> Tensor {
    var result = self
    base.withSpan { base in
      result.withMutableSpan { elements in
        for index in elements.indices {
          let detail = elements[index] - base[index]
          elements[index] = min(max(elements[index] + strength * detail, 0), 1)
        }
      }
    }
    return result
  }
}
