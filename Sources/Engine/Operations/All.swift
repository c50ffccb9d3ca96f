/// The list of operations: what the gradient test sweeps. A new operation is added here.
package enum Operations {
  package static let all: [any Operation.Type] = [
    // Layers.
    Convolution.self, TransposedConvolution.self, FullyConnected.self, BatchNormalization.self,
    StoredBatchNormalization.self, LocalResponseNormalization.self, LeakyReLU.self,
    SmoothActivation.self, Clip.self, Pooling.self,
    Softmax.self,
    // Sizes and places.
    Upsampling.self, Resampling.self, Concatenation.self, Crop.self, Padding.self,
    Shift.self, Similarity.self, ChannelFlip.self, ChannelSelection.self, Flattening.self,
    InverseFourier.self,
    // Arithmetic.
    LinearCombination.self, Affine.self, Multiplication.self, Phasor.self,
    // Scalars.
    MeanSquaredError.self, MeanAbsoluteError.self, InnerProduct.self, CosineSimilarity.self,
    BoxSum.self,
    TotalVariation.self, AlphaNorm.self, GramMatrix.self,
  ]

  /// What a program puts in the place of several of the others.
  package static let fused: [any Operation.Type] = [
    NormalizationTerms.self, Normalization.self, Join.self, BilinearConvolution.self,
  ]

  package static let specimens: [Specimen] = (all + fused).flatMap { $0.specimens }
}
