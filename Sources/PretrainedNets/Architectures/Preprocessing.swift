import Engine

/// What a network's training did to a picture in R, G, B, 0 ... 1, before the first layer.
public struct Preprocessing: Sendable, Hashable {
  /// Whether channels are taken in the order B, G, R.
  public var isReversed = false
  /// What 0 ... 1 is multiplied by.
  public var scale: Float = 1
  /// What is subtracted from each channel afterwards, in the network's order.
  public var mean: [Float] = [0, 0, 0]
  /// What each channel is then divided by, in the network's order.
  public var deviation: [Float] = [1, 1, 1]

  /// The picture, in R, G, B, 0 ... 1, that the network sees as zeros.
  public var meanColour: [Float] {
    let colour = mean.map { $0 / scale }
    return isReversed ? colour.reversed() : colour
  }

  /// Adds the preprocessing of a picture `[N, 3, H, W]`, R, G, B, 0 ... 1, to a graph.
  ///
  /// - Throws: ``EngineError`` unless there are three channels.
  public func build(
    in graph: inout Graph, of picture: Graph.Node
  ) throws(EngineError) -> Graph.Node {
    let ordered = isReversed ? try graph.flipChannels(picture) : picture
    return try graph.affine(
      ordered, scales: deviation.map { scale / $0 },
      shift: zip(mean, deviation).map { -$0 / $1 })
  }
}

extension Preprocessing {
  /// The same for channels in the other order.
  mutating func swapChannels() {
    isReversed.toggle()
    mean.reverse()
    deviation.reverse()
  }

  /// A convention by its name.
  public enum Name: String, Sendable, Hashable, CaseIterable {
    case caffenet, convnetsKeras = "convnets-keras", plain, squeezenet, symmetric, torchvision, vgg

    public var preprocessing: Preprocessing {
      switch self {
      case .caffenet: .caffeNet
      case .convnetsKeras: .convnetsKeras
      case .plain: .plain
      case .squeezenet: .squeezeNet
      case .symmetric: .symmetric
      case .torchvision: .torchvision
      case .vgg: .vgg
      }
    }
  }
}

/// The conventions that networks were trained with, by their publishers.
extension Preprocessing {
  /// Caffe's SqueezeNet and GoogLeNet: B, G, R, 0 ... 255, minus (104, 117, 123).
  public static let squeezeNet = Preprocessing(
    isReversed: true, scale: 255, mean: [104, 117, 123])

  /// Oxford's VGG and Keras's mode `caffe`: B, G, R, 0 ... 255, minus (103.939, 116.779, 123.68).
  public static let vgg = Preprocessing(
    isReversed: true, scale: 255, mean: [103.939, 116.779, 123.68])

  /// Caffe's AlexNet and CaffeNet: B, G, R, 0 ... 255, minus the channels' means of its mean picture.
  public static let caffeNet = Preprocessing(
    isReversed: true, scale: 255, mean: [104.00699, 116.66877, 122.67891])

  /// convnets-keras's AlexNet: R, G, B, 0 ... 255, minus (123.68, 116.779, 103.939).
  public static let convnetsKeras = Preprocessing(scale: 255, mean: [123.68, 116.779, 103.939])

  /// torchvision: R, G, B, 0 ... 1, minus the mean of ImageNet, over its deviation.
  public static let torchvision = Preprocessing(
    mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])

  /// Keras's mode `tf`: R, G, B, -1 ... 1.
  public static let symmetric = Preprocessing(scale: 2, mean: [1, 1, 1])

  /// R, G, B, 0 ... 1, as it is.
  public static let plain = Preprocessing()
}
