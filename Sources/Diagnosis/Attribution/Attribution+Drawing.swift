import Engine
import Imaging

extension Attribution {
  /// The picture in pale grey with the evidence over it: orange where it speaks for the class, blue where
  /// against.
  ///
  /// The picture is `[1, 3, H, W]`, 0 ... 1. The map is summed over its channels and brought to the picture's
  /// size; the strongest hundredth of it has the full colour.
  public func drawn(over picture: Tensor) -> Picture {
    let (height, width) = (picture.shape[2], picture.shape[3])
    let plane = height * width
    let evidence = strengths(height: height, width: width)
    let sorted = evidence.map { abs($0) }.sorted()
    let full = max(sorted[min(plane * 99 / 100, plane - 1)], .leastNormalMagnitude)
    let values = picture.elements
    var drawn = Tensor(picture.shape)
    drawn.withMutableSpan { drawn in
      for pixel in 0..<plane {
        let luma = Chroma.luma(values[pixel], values[plane + pixel], values[2 * plane + pixel])
        let share = min(abs(evidence[pixel]) / full, 1)
        // Okabe and Ito's vermilion and blue, which people tell apart who do not see all colours.
        let colour: [Float] = evidence[pixel] > 0 ? [0.84, 0.37, 0] : [0, 0.45, 0.7]
        for channel in 0..<3 {
          drawn[channel * plane + pixel] =
            (1 - share) * (0.35 + 0.6 * luma) + share * colour[channel]
        }
      }
    }
    return Picture(colour: drawn)
  }

  /// The map summed over its channels, at another size.
  private func strengths(height: Int, width: Int) -> [Float] {
    let (rows, columns) = (map.shape[2], map.shape[3])
    let places = rows * columns
    let values = map.elements
    let sums = (0..<places).map { place in
      (0..<map.shape[1]).reduce(Float(0)) { $0 + values[$1 * places + place] }
    }
    return Tensor([1, 1, rows, columns], sums)
      .resized(toHeight: height, width: width, filter: .bilinear).elements
  }
}
