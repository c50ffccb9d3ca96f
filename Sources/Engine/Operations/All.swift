/// The list of operations: what the gradient test sweeps. A new operation is added here.
package enum Operations {
  package static let all: [any Operation.Type] = [
    Convolution.self, BatchNormalization.self, LeakyReLU.self, SmoothActivation.self,
    Pooling.self, Upsampling.self, Concatenation.self, Crop.self, LinearCombination.self,
    FixedDownsampling.self, Affine.self, Multiplication.self, MeanSquaredError.self,
    TotalVariation.self, AlphaNorm.self,
    InnerProduct.self,
  ]

  package static let specimens: [Specimen] = all.flatMap { $0.specimens }
}
