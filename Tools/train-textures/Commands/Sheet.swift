import ArgumentParser
import Engine
import Foundation
import Imaging
import Textures

struct Sheet: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw a sheet of examples: a row a class.")

  @Option(help: "The seed of the pictures.")
  var seed: UInt64 = 0

  @Option(help: "How many examples of each class.")
  var columns = 10

  @Option(help: "The side of each in pixels.")
  var side = 64

  @Flag(help: "With the planted faults.")
  var faulty = false

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  func validate() throws {
    guard 1...100 ~= columns, 8...1024 ~= side else {
      throw ValidationError("--columns takes 1 to 100, --side 8 to 1024")
    }
  }

  func run() throws {
    let sheet = TextureSet(seed: seed).sheet(columns: columns, side: side, isFaulty: faulty)
    try Picture(colour: sheet).write(to: output)
  }
}
