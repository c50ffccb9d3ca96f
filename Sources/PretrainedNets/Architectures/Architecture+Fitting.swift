import Engine
import Imaging

extension Architecture {
  /// The square in the middle of a picture, resized (bicubic) to what the network takes:
  /// `[1, 3, side, side]`, R, G, B, 0 ... 1.
  ///
  /// `side` is in pixels, by default ``inputSize``. A picture of that size stays as it is.
  public func fit(_ picture: Picture, side: Int? = nil) -> Tensor {
    let side = side ?? inputSize
    let square = picture.convertedToRGB().centreCropped(toSide: min(picture.height, picture.width))
    if square.height == side { return square.colour }
    return square.resized(toHeight: side, width: side, filter: .bicubic).colour
  }
}
