import Engine

/// A picture is written down as its Fourier coefficients, in decorrelated colours: what gradients move
/// are waves over the whole picture, of all lengths alike.
///
/// As lucid does it (Olah, Mordvintsev and Schubert, "Feature Visualization", Distill 2017; its
/// `fft_image` and `to_valid_rgb`): the half spectrum starts as normal noise, is scaled by
/// √(w·h) / max(f, 1 / max(w, h))^decay, with f the frequency in cycles a pixel, transformed back and
/// divided by 4; colours are mixed by the root of the correlation of natural pictures' colours, and a
/// sigmoid keeps them in 0 ... 1. Pictures of a single channel have no colours to mix.
public struct FourierPrior: Prior {
  /// The power of the frequency that coefficients are divided by; 1 is natural pictures' own.
  public var decay: Float
  /// The standard deviation of the coefficients at the start. lucid's 0.01 is a grey so even that all the
  /// rectifiers of a layer may be shut to it, and leads gradients past them then; ten times as much opens them.
  public var deviation: Float

  public init(decay: Float = 1, deviation: Float = 0.1) {
    (self.decay, self.deviation) = (decay, deviation)
  }

  public var name: String { "fourier" }

  public func build(
    in graph: inout Graph, channels: Int, height: Int, width: Int, random: inout RandomSource
  ) throws -> Generator {
    let shape: Shape = [2, channels, height, width / 2 + 1]
    let code = try graph.parameter(
      parameterPrefix + "spectrum", initial: random.normal(shape, standardDeviation: deviation))
    let scale = Float(height * width).squareRoot() / 4
    let magnitudes = Spectrum.inverseFrequencies(
      [1, channels, height, width / 2 + 1], width: width, decay: decay, scale: scale)
    let spectrum = try graph.multiply(code, by: magnitudes.repeatedTwice())
    let waves = try graph.inverseFourier(spectrum, height: height, width: width)
    return Generator(image: try DecorrelatedColours.picture(of: waves, in: &graph))
  }
}
