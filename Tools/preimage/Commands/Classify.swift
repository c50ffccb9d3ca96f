import ArgumentParser
import Engine
import Foundation
import Imaging
import PretrainedNets

struct Classify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Print the five likeliest classes of pictures.",
    discussion:
      "The square in the middle of each picture is resized (bicubic) to what the network takes.")

  @Argument(help: "Pictures, PNG or JPEG.")
  var pictures: [String]

  @OptionGroup(title: "Network")
  var network: NetworkOptions

  @OptionGroup
  var parallelism: ThreadOptions

  func run() throws {
    let classifier = try network.classifier()
    let labels = try network.classLabels(of: classifier.architecture)
    let pool = try parallelism.pool()
    for path in pictures {
      let picture = classifier.architecture.fit(try Picture(contentsOf: path))
      let predictions = try classifier.classify(picture, threads: pool)
      print(path)
      for prediction in predictions { print("  \(prediction.line(labels))") }
    }
  }
}

extension Prediction {
  /// The probability, the name and the index of the class.
  func line(_ labels: ClassLabels) -> String {
    String(format: "%.4f  ", probability) + "\(labels.name(of: index)) (\(index))"
  }

  func summary(_ labels: ClassLabels) -> Summary.Prediction {
    Summary.Prediction(index: index, name: labels.name(of: index), probability: probability)
  }
}
