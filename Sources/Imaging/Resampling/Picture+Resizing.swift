public import Engine

extension Picture {
  /// The picture resized; see ``Engine/Tensor/resized(toHeight:width:filter:)``.
  ///
  /// Overshoots are clamped to 0 ... 1. Colours are weighted with their alpha, so that those of
  /// transparent pixels do not bleed in.
  ///
  /// - Precondition: the sides are positive.
  public func resized(toHeight height: Int, width: Int, filter: ResamplingFilter) -> Picture {
    func resize(_ planes: Tensor) -> Tensor {
      planes.resized(toHeight: height, width: width, filter: filter)
    }
    guard let alpha else {
      return Picture(colour: resize(colour).clamped(), bitDepth: bitDepth)
    }
    let opacity = resize(alpha)
    let weighted = resize(colour.combined(with: alpha) { $0 * $1 })
    return Picture(
      colour: weighted.combined(with: opacity) { $1 > 0 ? $0 / $1 : 0 }.clamped(),
      alpha: opacity.clamped(), bitDepth: bitDepth)
  }

  /// The picture resized as Pillow resizes pictures of 8 bits: what the rows become is rounded to the
  /// steps of the bit depth before the columns are weighted, and the result again.
  ///
  /// - Precondition: the sides are positive.
  public func resizedInSteps(
    toHeight height: Int, width: Int, filter: ResamplingFilter
  ) -> Picture {
    resized(toHeight: self.height, width: width, filter: filter).rounded()
      .resized(toHeight: height, width: width, filter: filter).rounded()
  }

  /// A rectangle of the picture.
  ///
  /// - Precondition: the rectangle is not empty and lies inside.
  public func cropped(to region: Region) -> Picture {
    Picture(
      colour: colour.cropped(to: region), alpha: alpha?.cropped(to: region), bitDepth: bitDepth)
  }

  /// The square in the middle of the picture, of at most its smaller side; where it cannot lie in
  /// the middle, half a pixel up and left of it.
  ///
  /// - Precondition: the side is positive.
  public func centreCropped(toSide side: Int) -> Picture {
    let side = min(side, height, width)
    let (top, left) = ((height - side) / 2, (width - side) / 2)
    return cropped(to: Region(rows: top..<top + side, columns: left..<left + side))
  }
}

extension Tensor {
  /// The tensor with its elements in 0 ... 1.
  package func clamped() -> Tensor {
    var result = self
    result.withMutableSpan { elements in
      for index in elements.indices { elements[index] = min(max(elements[index], 0), 1) }
    }
    return result
  }

  /// Combines every channel of `[1, C, H, W]` with the one of `[1, 1, H, W]`, element by element.
  fileprivate func combined(
    with plane: Tensor, _ operation: (Float, Float) -> Float
  ) -> Tensor {
    var result = self
    plane.withSpan { plane in
      result.withMutableSpan { elements in
        for index in elements.indices {
          elements[index] = operation(elements[index], plane[index % plane.count])
        }
      }
    }
    return result
  }
}
