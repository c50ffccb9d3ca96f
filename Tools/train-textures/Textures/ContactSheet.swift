import Engine

extension TextureSet {
  /// A sheet of examples `[1, 3, H, W]` on white: a row a class, in the order of the classes.
  package func sheet(columns: Int, side: Int, isFaulty: Bool) -> Tensor {
    let classes = TextureClass.allCases
    let gap = max(2, side / 16)
    let pitch = side + gap
    let (height, width) = (classes.count * pitch + gap, columns * pitch + gap)
    var sheet = Tensor([1, 3, height, width], repeating: 1)
    for (row, label) in classes.enumerated() {
      for column in 0..<columns {
        let example = picture(
          column * classes.count + row, side: side,
          treatment: isFaulty ? .faulty(label) : Treatment())
        sheet.withMutableSpan { target in
          example.withSpan { source in
            for channel in 0..<3 {
              for y in 0..<side {
                let start =
                  (channel * height + gap + row * pitch + y) * width + gap + column * pitch
                for x in 0..<side { target[start + x] = source[(channel * side + y) * side + x] }
              }
            }
          }
        }
      }
    }
    return sheet
  }
}
