import ArgumentParser
import Imaging
import Textures

struct Draw: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Draw one picture.")

  @Option(name: .customLong("class"), help: "What it shows, such as spirals.")
  var label: TextureClass

  @Option(help: "The seed of the pictures.")
  var seed: UInt64 = 0

  @Option(help: "Its number among them.")
  var number = 0

  @Option(help: "Its side in pixels.")
  var side = 192

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  func validate() throws {
    guard 8...4096 ~= side, 0...1_000_000_000 ~= number else {
      throw ValidationError("--side takes 8 to 4096, --number 0 to 1000000000")
    }
  }

  func run() throws {
    let picture = TextureSet(seed: seed).picture(number, of: label, side: side)
    try Picture(colour: picture).write(to: output)
  }
}

extension TextureClass: ExpressibleByArgument {
  package init?(argument: String) {
    guard let found = Self.allCases.first(where: { $0.name == argument }) else { return nil }
    self = found
  }

  package static var allValueStrings: [String] { allCases.map(\.name) }
}
