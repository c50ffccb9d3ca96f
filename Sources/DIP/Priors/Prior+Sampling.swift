import Engine

extension Prior {
  /// A picture `[1, channels, height, width]` as the prior makes it before anything is sought: what it
  /// takes for likely. It is the first iterate of a solve with the same `random` and no noise on the input.
  ///
  /// Where the prior cannot make the size, it is the middle of the next larger one.
  /// - Throws: ``EngineError`` where the memory is not to be had.
  public func sample(
    channels: Int, height: Int, width: Int, random: RandomSource, threads: ThreadPool
  ) throws -> Tensor {
    var (graph, random) = (Graph(), random)
    let frame = PictureFrame(
      height: height, width: width, multiple: sizeMultiple, smallestSide: smallestSide)
    let generator = try build(
      in: &graph, channels: channels, height: frame.paddedHeight, width: frame.paddedWidth,
      random: &random)
    let picture = try frame.crop(generator.image, in: &graph)
    let program = try Program(evaluating: [picture], in: graph, threads: threads)
    if let input = generator.input { try program.set(input.node, to: input.value) }
    program.forward()
    return program.value(of: picture)
  }
}
