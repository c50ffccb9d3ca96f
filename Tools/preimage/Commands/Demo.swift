import ArgumentParser
import DIP
import Foundation
import Imaging

struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Draw a picture, add noise to it and remove the noise again.",
    discussion: "Writes clean.png, noisy.png (σ = 25/255) and denoised.png.")

  @Option(name: .shortAndLong, help: "The folder to write to; it is made if it is not there.")
  var output: String

  @OptionGroup(title: "Run")
  var options: RunOptions

  func run() throws {
    let folder = URL(filePath: output)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError(file: output, problem: "the folder cannot be made; choose another")
    }
    func path(_ name: String) -> String { folder.appending(path: name).path }
    let outputs = try Outputs(picture: path("denoised.png"), run: options, inputs: [])
    let clean = Picture.demonstration(height: 192, width: 192, seed: 0)
    try clean.write(to: path("clean.png"))
    try clean.addingNoise(standardDeviation: 25 / 255, seed: options.seed)
      .write(to: path("noisy.png"))
    // As it was rounded to 8 bits: what a user with the file would get.
    let noisy = try Picture(contentsOf: path("noisy.png"))
    let run = RestorationRun(
      task: "demo", options: options, outputs: outputs, file: path("noisy.png"), given: noisy,
      clean: path("clean.png"))
    try run(.denoising(noisy.colour))
  }
}
