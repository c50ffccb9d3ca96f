import Foundation
import PretrainedNets

/// What a page says of its making, the time last: all else is the same when it is made again.
enum Provenance {
  static func facts(
    of classifier: Classifier?, settings: [(term: String, value: String)] = [], seeds: [UInt64],
    seconds: Double, threads: Int
  ) -> [(term: String, value: String)] {
    let network =
      classifier.map {
        [("Network", $0.architecture.name), ("Weights", $0.file.path)]
      } ?? []
    return [("Made by", "preimage \(Preimage.configuration.version)"), ("Again", command)]
      + network + settings
      + [
        ("Seeds", seeds.map { "\($0)" }.joined(separator: ", ")),
        ("Time", String(format: "%.0f s on %d threads", seconds, threads)),
      ]
  }

  /// The command as it was given, in a way that a shell takes.
  private static var command: String {
    (["preimage"] + CommandLine.arguments.dropFirst()).map { word in
      let isPlain = word.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber) || "-_./:,=+@%".contains($0)
      }
      return isPlain && !word.isEmpty ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }.joined(separator: " ")
  }
}
