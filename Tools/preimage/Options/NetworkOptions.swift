import ArgumentParser
import Engine
import Imaging
import PretrainedNets
import ShippedFiles

/// Which network, with which weights.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network: \(Architecture.all.map(\.name).joined(separator: ", ")); or an ONNX model.",
      valueName: "network or FILE.onnx"))
  var network: String

  @Option(
    help: """
      The file of its weights: \(WeightFileError.formats). By default what ships with the network; an \
      ONNX model brings its own.
      """)
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "What to assume of the weights where they do not say it: \(WeightReading.grammar).",
      valueName: "KEY=VALUE,…"))
  var assume = WeightReading()

  @Option(help: "A text file with the name of a class on each line; by default the network's own.")
  var labels: String?

  func validate() throws {
    if Self.isModel(network), weights != nil {
      throw ValidationError("an ONNX model brings its own weights; leave out --weights")
    }
  }

  /// Whether a network is given as a file, not by its name.
  static func isModel(_ network: String) -> Bool { network.lowercased().hasSuffix(".onnx") }

  /// The file that the weights are in: the model, the file given, or the one that ships.
  ///
  /// - Throws: ``ClassifierError/noWeights(network:)`` where there is none of these.
  func file() throws(ClassifierError) -> String {
    if let weights { return weights }
    if Self.isModel(network) { return network }
    let name = try Architecture.named(network).name
    guard let shipped = ShippedFiles.weights(of: name) else { throw .noWeights(network: name) }
    return shipped.path
  }

  func classifier() throws -> Classifier {
    if Self.isModel(network) { return try Classifier(onnxAt: network, reading: assume) }
    return try Classifier(Architecture.named(network), weightsAt: file(), reading: assume)
  }

  /// The names of the classes of the network.
  func classLabels(of architecture: Architecture) throws -> ClassLabels {
    guard let labels else { return architecture.labels }
    return try ClassLabels(contentsOf: labels, count: architecture.classCount)
  }
}

extension WeightReading: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  public var defaultValueDescription: String { "nothing" }
}

/// The side of the pictures a network is given.
struct SizeOption: ParsableArguments {
  @Option(parsing: .unconditional, help: "The side in pixels; by default the network's own.")
  var size: Int?

  func validate() throws {
    if let size { try RunOptions.check(size, "--size", in: 32...4096) }
  }
}

/// The layers named by `L[:WEIGHT],…`.
struct LayerList: ExpressibleByArgument {
  var layers: [(name: String, weight: Float)]

  init?(argument: String) {
    guard let names = WeightedNames(argument: argument)?.terms,
      names.allSatisfy({ $0.weight > 0 }), Set(names.map(\.name)).count == names.count
    else { return nil }
    layers = names
  }
}
