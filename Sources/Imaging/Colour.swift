public import Engine

extension Picture {
  /// The picture with three colour channels; grey is repeated.
  public func convertedToRGB() -> Picture {
    guard isGrey else { return self }
    let grey = colour.elements
    return Picture(
      colour: Tensor([1, 3, height, width], grey + grey + grey), alpha: alpha, bitDepth: bitDepth)
  }

  /// The picture with one colour channel, the luma 0.299 R + 0.587 G + 0.114 B of ITU-R
  /// Recommendation BT.601.
  public func convertedToGrey() -> Picture {
    guard !isGrey else { return self }
    let pixels = height * width
    var grey = Tensor([1, 1, height, width])
    colour.withUnsafeElements { rgb in
      grey.withUnsafeMutableElements { grey in
        for pixel in 0..<pixels {
          grey[pixel] =
            0.299 * rgb[pixel] + 0.587 * rgb[pixels + pixel] + 0.114 * rgb[2 * pixels + pixel]
        }
      }
    }
    return Picture(colour: grey, alpha: alpha, bitDepth: bitDepth)
  }

  /// The luma of BT.601 in the studio range that files of YCbCr have, `[1, 1, H, W]` in
  /// 16/255 ... 235/255: what scores of super-resolution are told of. Grey counts as three equal channels.
  public var studioLuma: Tensor {
    let rgb = convertedToRGB().colour
    let pixels = height * width
    var luma = Tensor([1, 1, height, width])
    rgb.withSpan { rgb in
      luma.withMutableSpan { luma in
        for pixel in 0..<pixels {
          let (red, green, blue) = (rgb[pixel], rgb[pixels + pixel], rgb[2 * pixels + pixel])
          luma[pixel] = (16 + 65.481 * red + 128.553 * green + 24.966 * blue) / 255
        }
      }
    }
    return luma
  }

  /// The picture with its values rounded to the steps of its bit depth, and clamped to 0 ... 1: as it is
  /// when it has been written and read.
  public func rounded() -> Picture {
    let steps = bitDepth.maximum
    func round(_ planes: Tensor) -> Tensor {
      var result = planes.clamped()
      result.withMutableSpan { elements in
        for index in elements.indices {
          elements[index] = (elements[index] * steps).rounded() / steps
        }
      }
      return result
    }
    return Picture(colour: round(colour), alpha: alpha.map(round), bitDepth: bitDepth)
  }

  /// The picture with independent Gaussian noise on every colour sample, clamped to 0 ... 1; alpha
  /// stays.
  ///
  /// The standard deviation is in the units of the values, so that the usual σ = 25 of 8-bit
  /// pictures is 25/255. The same seed gives the same noise.
  public func addingNoise(standardDeviation: Float, seed: UInt64) -> Picture {
    precondition(standardDeviation >= 0, "a standard deviation of \(standardDeviation)")
    var source = RandomSource(seed: seed)
    var noisy = source.normal(colour.shape, standardDeviation: standardDeviation)
    colour.withUnsafeElements { clean in
      noisy.withUnsafeMutableElements { noisy in
        for index in noisy.indices { noisy[index] = min(max(clean[index] + noisy[index], 0), 1) }
      }
    }
    return Picture(colour: noisy, alpha: alpha, bitDepth: bitDepth)
  }
}
