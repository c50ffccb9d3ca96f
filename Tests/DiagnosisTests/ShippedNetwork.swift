import PretrainedNets
import ShippedFiles
import Testing

extension Classifier {
  /// A network with the weights that ship with it.
  static func shipped(_ network: Architecture) throws -> Classifier {
    let weights = try #require(ShippedFiles.weights(of: network.name))
    return try Classifier(network, weightsAt: weights.path)
  }
}
