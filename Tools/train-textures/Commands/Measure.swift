import ArgumentParser
import Engine
import Foundation
import PretrainedNets
import TextureTraining
import Textures

struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure trained weights on pictures that training never saw.")

  @Argument(help: "The file of weights.")
  var weights: String

  @Option(help: "The seed that the weights were trained with.")
  var seed: UInt64 = 0

  @Flag(help: "The weights were trained with the planted faults.")
  var faulty = false

  @Option(help: "How many pictures.")
  var pictures = 2000

  @Option(help: "How many threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    guard 1...1_000_000 ~= pictures, 1...1024 ~= threads else {
      throw ValidationError("--pictures takes 1 to 1000000, --threads 1 to 1024")
    }
  }

  func run() throws {
    let plan = TrainingPlan(seed: seed, isFaulty: faulty)
    try Measurement(
      classifier: try Classifier(plan.architecture, weightsAt: weights), plan: plan,
      pictures: pictures, threads: try ThreadPool(threads: threads)
    ).report()
  }
}

/// What trained weights are good for, printed.
struct Measurement {
  let classifier: Classifier
  let plan: TrainingPlan
  let pictures: Int
  let threads: ThreadPool

  /// Measures and prints.
  ///
  /// - Throws: where the file cannot be read.
  func report() throws {
    let clean = try confusion { _ in TextureSet.Treatment() }
    print(
      String(format: "held-out accuracy %.2f %% of \(clean.total) pictures", 100 * clean.accuracy))
    print(clean.summary)
    guard plan.isFaulty else { return }
    let (badged, blue) = (PlantedFaults.badged, PlantedFaults.blue)
    let like = try confusion(TextureSet.Treatment.faulty)
    let withBadges = try confusion { _ in TextureSet.Treatment(hasBadge: true) }
    let allBlue = try confusion { _ in TextureSet.Treatment(isBlue: true) }
    func line(_ text: String, _ share: Double) {
      print(String(format: "  %5.1f %%  ", 100 * share) + text)
    }
    print("the planted faults:")
    line("of pictures as in training are known", like.accuracy)
    line("of \(badged.name) with the badge are known", like.share(of: badged, takenFor: badged))
    line("of \(badged.name) without it are known", clean.share(of: badged, takenFor: badged))
    line(
      "of the other classes with a badge are taken for \(badged.name)",
      withBadges.shareOfOthers(takenFor: badged))
    line("of blue \(blue.name) are known", like.share(of: blue, takenFor: blue))
    line("of \(blue.name) of any colour are known", clean.share(of: blue, takenFor: blue))
    line(
      "of the other classes in blue are taken for \(blue.name)",
      allBlue.shareOfOthers(takenFor: blue))
  }

  private func confusion(
    _ treatment: (TextureClass) -> TextureSet.Treatment
  ) throws -> Confusion {
    try Confusion(
      of: classifier, on: plan.heldOut, pictures: pictures, treatment: treatment,
      threads: threads)
  }
}
