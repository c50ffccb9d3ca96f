import Foundation
import PretrainedNets

/// What a run was and what came of it, as `--summary` writes it.
struct Summary: Encodable {
  var task: String
  var prior: String
  var seed: UInt64
  var threads: Int
  /// The sides of the written picture.
  var width: Int
  var height: Int
  /// Optimised numbers.
  var parameters: Int
  /// Of all parts, where there are several.
  var iterations: Int
  /// Of the last iterate; the mean of that of all parts.
  var loss: Float
  var seconds: Double
  var secondsPerIteration: Double
  var peakRssBytes: Int
  var stoppedBy: String
  /// The iteration of the best score: of the averaged iterates where there is a truth, of the loss
  /// where that is the aim.
  var bestIteration: Int?
  /// The iteration that the stop rule took for the best, and whose average is the result.
  var chosenIteration: Int?
  /// Decibels: of the last iterate, of the average, of the picture that was given.
  var psnr: Double?
  var psnrAverage: Double?
  var psnrInput: Double?
  /// Of the written picture.
  var ssim: Double?
  /// How many times it was restored, and in how many tiles.
  var runs: Int?
  var tiles: Int?
  var network: String?
  var weights: String?
  /// ‖Φ − Φ₀‖² / ‖Φ₀‖² of the written picture, by layer.
  var featureError: [String: Float]?
  var excitation: Float?
  var predictions: [Prediction]?

  struct Prediction: Encodable {
    var index: Int
    var name: String
    var probability: Float
  }

  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
