import PretrainedNets
import ShippedFiles

extension Classifier {
  /// A network with the weights that ship with it.
  package static func shipped(_ network: Architecture) throws -> Classifier {
    try Classifier(
      network, weightsAt: ShippedFiles.weights(of: network.name)?.path ?? network.name)
  }
}
