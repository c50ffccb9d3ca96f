import Engine

/// A picture is written down as the phases of its Fourier coefficients; their magnitudes stay as natural
/// pictures have them, so that no search can pile up energy in high frequencies.
///
/// After MACO (Fel et al., "Unlocking Feature Visualization for Deeper Networks with MAgnitude
/// Constrained Optimization", NeurIPS 2023), whose magnitudes are means over ImageNet. None of that data
/// is here: they are those of a picture that is given, or fall with the frequency as 1/f.
public struct FixedMagnitudePrior: Prior {
  /// Where the magnitudes come from.
  public enum Magnitudes: Sendable, Equatable {
    /// 1 / f^decay, scaled to a deviation of 1 before the sigmoid.
    case inverseFrequency(decay: Float)
    /// Those of a picture `[1, C, H, W]`, 0 ... 1, cut or mirrored to the size of the one that is sought.
    case picture(Tensor)
  }

  public var magnitudes: Magnitudes

  public init(_ magnitudes: Magnitudes = .inverseFrequency(decay: 1)) {
    self.magnitudes = magnitudes
  }

  public var name: String { "maco" }

  public func build(
    in graph: inout Graph, channels: Int, height: Int, width: Int, random: inout RandomSource
  ) throws -> Generator {
    let shape: Shape = [1, channels, height, width / 2 + 1]
    let phases = try graph.parameter(
      parameterPrefix + "phases", initial: random.uniform(shape, in: -Float.pi..<Float.pi))
    let magnitudes: Tensor
    switch self.magnitudes {
    case .inverseFrequency(let decay):
      let relative = Spectrum.inverseFrequencies(shape, width: width, decay: decay, scale: 1)
      magnitudes = relative.scaled(by: 1 / Spectrum.deviation(relative, width: width))
    case .picture(let picture):
      magnitudes = try Spectrum.magnitudes(
        of: picture, channels: channels, height: height, width: width)
    }
    let spectrum = try graph.multiply(graph.phasor(phases), by: magnitudes.repeatedTwice())
    let waves = try graph.inverseFourier(spectrum, height: height, width: width)
    return Generator(image: try DecorrelatedColours.picture(of: waves, in: &graph))
  }
}

extension Tensor {
  fileprivate func scaled(by factor: Float) -> Tensor {
    Tensor(shape, elements.map { factor * $0 })
  }
}
