import Engine

extension Degradation {
  /// What a degraded picture shows of the one before its degradation.
  struct View {
    struct Sides: Equatable {
      var height: Int
      var width: Int
    }

    /// The sides before each step and after the last.
    var stages: [Sides]
    /// The sides of the wanted picture, which is what the degraded one shows but its surroundings.
    var picture: Sides
    /// The rows above the wanted picture and the columns left of it that are seen too.
    var top = 0
    var left = 0

    /// The sides of what is seen, the wanted picture and its surroundings.
    var seen: Sides { stages[0] }
  }

  /// What a degraded picture of these sides shows, from the last step back to the first.
  func view(height: Int, width: Int) -> View {
    let sides = View.Sides(height: height, width: width)
    var view = View(stages: [sides], picture: sides)
    for step in steps.reversed() {
      var seen = view.seen
      switch step {
      case .mask: break
      case .downsampling(let factor, _):
        func enlarged(_ side: Int) -> Int { Int((Double(side) * factor).rounded()) }
        seen = View.Sides(height: enlarged(seen.height), width: enlarged(seen.width))
        view.picture = View.Sides(
          height: enlarged(view.picture.height), width: enlarged(view.picture.width))
        // Whole factors place the picture exactly, others to half a pixel.
        (view.top, view.left) = (enlarged(view.top), enlarged(view.left))
      case .blur(let kernel):
        seen.height += kernel.height - 1
        seen.width += kernel.width - 1
        view.top += kernel.height / 2
        view.left += kernel.width / 2
      }
      view.stages.insert(seen, at: 0)
    }
    return view
  }

  /// Adds the degraded picture to a graph.
  func build(
    in graph: inout Graph, of seen: Graph.Node, through view: View
  ) throws -> Graph.Node {
    var node = seen
    for (step, after) in zip(steps, view.stages.dropFirst()) {
      switch step {
      case .mask(let mask): node = try graph.multiply(node, by: mask)
      case .downsampling(let factor, let filter):
        if factor > 1 {
          node = try graph.downsample(
            node, toHeight: after.height, width: after.width, filter: filter)
        }
      case .blur(let kernel):
        let channels = node.shape[1]
        let weights = graph.constant(kernel.weights(channels: channels))
        node = try graph.convolve(node, weights: weights, groups: channels)
      }
    }
    return node
  }

  /// A degraded picture `[1, C, h, w]` with nothing where the last steps hide it, whatever is there.
  func hiding(_ degraded: Tensor) -> Tensor {
    var result = degraded
    for case .mask(let mask) in steps.reversed().prefix(while: \.isMask) {
      let plane = mask.shape.count
      mask.withSpan { mask in
        result.withMutableSpan { elements in
          for index in elements.indices { elements[index] *= mask[index % plane] }
        }
      }
    }
    return result
  }

  /// Whether a degraded picture of these sides can have come about.
  func check(height: Int, width: Int) throws(RestorationError) {
    // Before sides are multiplied with it.
    let largest = Self.largestFactor
    for case .downsampling(let factor, _) in steps where !(1...Double(largest)).contains(factor) {
      throw .factor(factor, limit: largest)
    }
    for (step, after) in zip(steps, view(height: height, width: width).stages.dropFirst()) {
      switch step {
      case .mask(let mask) where mask.shape != [1, 1, after.height, after.width]:
        throw .maskSize(
          width: mask.shape.rank == 4 ? mask.shape[3] : mask.shape.count,
          height: mask.shape.rank == 4 ? mask.shape[2] : 1, expectedWidth: after.width,
          expectedHeight: after.height)
      case .downsampling(let factor, _) where factor > Double(min(after.height, after.width)):
        throw .factor(factor, limit: min(after.height, after.width))
      case .blur(let kernel) where kernel.height > after.height || kernel.width > after.width:
        throw .kernelSize(
          width: kernel.width, height: kernel.height, pictureWidth: after.width,
          pictureHeight: after.height)
      default: break
      }
    }
  }
}

extension Degradation.Step {
  fileprivate var isMask: Bool {
    if case .mask = self { true } else { false }
  }
}
