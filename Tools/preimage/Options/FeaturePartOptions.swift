import ArgumentParser
import Engine
import Inversion

/// Which of a layer's features are matched.
struct FeaturePartOptions: ParsableArguments {
  @Option(help: "Match these channels of the layer alone, from 0: FIRST-LAST.")
  var onlyChannels: ChannelRange?

  @Option(help: "Match this rectangle of the feature map alone: X,Y,WIDTH,HEIGHT.")
  var onlyRegion: Rectangle?

  @Option(
    parsing: .unconditional,
    help: "Match the square of so many neurons a side in the middle alone: what they see.")
  var onlyMiddle: Int?

  struct ChannelRange: ExpressibleByArgument {
    let range: Range<Int>

    init?(argument: String) {
      let ends = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends[0], let last = ends[ends.count - 1], ends.count <= 2, first <= last,
        last < 1_000_000
      else { return nil }
      range = first..<last + 1
    }
  }

  struct Rectangle: ExpressibleByArgument {
    let region: Region

    init?(argument: String) {
      let numbers = argument.split(separator: ",", omittingEmptySubsequences: false)
        .compactMap { Int($0) }
      guard numbers.count == 4, numbers.allSatisfy({ (0...100_000).contains($0) }), numbers[2] > 0,
        numbers[3] > 0
      else { return nil }
      region = Region(
        rows: numbers[1]..<numbers[1] + numbers[3], columns: numbers[0]..<numbers[0] + numbers[2])
    }
  }

  func validate() throws {
    if let onlyMiddle { try RunOptions.check(onlyMiddle, "--only-middle", in: 1...100_000) }
    if onlyMiddle != nil, onlyRegion != nil {
      throw ValidationError("give --only-region or --only-middle, not both")
    }
  }

  /// The part of a layer whose features have this shape; all of it, where it is `nil`.
  func part(of shape: Shape) -> FeaturePart? {
    if onlyChannels == nil, onlyRegion == nil, onlyMiddle == nil { return nil }
    var part = onlyMiddle.map { FeaturePart.middle($0, of: shape) } ?? FeaturePart()
    if let onlyRegion { part.region = onlyRegion.region }
    part.channels = onlyChannels?.range
    return part
  }
}
