import DIP

extension SkipNetwork {
  /// Billions of operations of the convolutions, counted as direct, in an iteration with 32 input and
  /// 3 output channels on a square picture: the forward pass and the gradients to the data and to the
  /// weights, but not that to the noise which the network is fed.
  func iterationGflop(side: Int) -> Double {
    var total = 0.0
    var channels = 32
    func add(_ inputs: Int, _ outputs: Int, kernel: Int, side: Int, passes: Double = 3) {
      total += passes * 2 * Double(inputs * outputs * kernel * kernel * side * side)
    }
    for (index, scale) in scales.enumerated() {
      let (outer, inner) = (side >> index, side >> (index + 1))
      let passes: Double = index == 0 ? 2 : 3
      let deeper = index + 1 < scales.count ? scales[index + 1].upChannels : scale.downChannels
      add(channels, scale.skipChannels, kernel: skipKernel, side: outer, passes: passes)
      add(
        channels, scale.downChannels, kernel: scale.downKernel,
        side: scale.downsampling == .stride ? inner : outer, passes: passes)
      add(scale.downChannels, scale.downChannels, kernel: scale.downKernel, side: inner)
      add(deeper + scale.skipChannels, scale.upChannels, kernel: scale.upKernel, side: outer)
      if mixes { add(scale.upChannels, scale.upChannels, kernel: 1, side: outer) }
      channels = scale.downChannels
    }
    add(scales[0].upChannels, 3, kernel: 1, side: side)
    return total / 1e9
  }
}
