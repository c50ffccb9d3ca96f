import ArgumentParser
import Engine
import Imaging
import Inversion
import PretrainedNets

/// What a picture is to excite.
struct ExcitationOptions: ParsableArguments {
  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("The classes, by name or index.", valueName: "class[:WEIGHT],…"))
  var classQuery: WeightedNames?

  @Flag(help: "Excite the logarithm of the class's probability, not its score.")
  var probability = false

  @Option(help: "The layer of a channel ('networks list N' shows them).")
  var layer: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The channels of the layer, from 0.", valueName: "channel[:WEIGHT],…"))
  var channel: ChannelList?

  @Option(parsing: .unconditional, help: "Column and row of a neuron of the channel, from 0: X,Y.")
  var neuron: Place?

  @Option(parsing: .unconditional, help: "The side of a square of neurons in the channel's middle.")
  var window: Int?

  @Option(help: "The picture whose features at --layer are exaggerated, PNG or JPEG.")
  var caricature: String?

  @Option(help: "The picture from which all of --layer is excited; needs --prior pixels or tv.")
  var dream: String?

  @Option(
    parsing: .unconditional,
    help: """
      What a class, or each neuron, is brought to, instead of as high as it goes: the Deep Image Prior's \
      authors take 300 for a class and 200 for neurons.
      """)
  var target: Float?

  /// Channels by number: `C[:WEIGHT],…`.
  struct ChannelList: ExpressibleByArgument {
    var channels: [(number: Int, weight: Float)] = []

    init?(argument: String) {
      guard let names = WeightedNames(argument: argument) else { return nil }
      for (name, weight) in names.terms {
        guard let number = Int(name), (0...1_000_000).contains(number) else { return nil }
        channels.append((number, weight))
      }
    }
  }

  struct Place: ExpressibleByArgument {
    var column: Int
    var row: Int

    init?(argument: String) {
      let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
      guard numbers.count == 2, let column = numbers[0], let row = numbers[1], column >= 0, row >= 0
      else { return nil }
      (self.column, self.row) = (column, row)
    }
  }

  func validate() throws {
    if let window { try RunOptions.check(window, "--window", in: 1...4096) }
    if probability, classQuery == nil { throw ValidationError("--probability needs --class") }
    if classQuery != nil {
      guard layer == nil, channel == nil, neuron == nil, window == nil, caricature == nil,
        dream == nil
      else {
        throw ValidationError("--class stands alone; leave out --layer, --channel and the like")
      }
    } else if caricature != nil || dream != nil {
      guard layer != nil, channel == nil, neuron == nil, window == nil,
        caricature == nil || dream == nil
      else {
        throw ValidationError(
          "--caricature and --dream take --layer, neither each other nor --channel and the like")
      }
    } else if layer == nil || channel == nil {
      throw ValidationError("give --class, or --layer and --channel")
    }
    if neuron != nil, window != nil {
      throw ValidationError("give --neuron or --window, not both")
    }
    guard let target else { return }
    guard target.isFinite else { throw ValidationError("--target takes a number, not \(target)") }
    let weights = classQuery?.terms.map(\.weight) ?? channel?.channels.map(\.weight) ?? []
    if weights.contains(where: { $0 < 0 }) {
      throw ValidationError("--target is a distance to be made small; give weights above 0")
    }
  }

  /// The terms by their weights.
  ///
  /// - Throws: errors that name the class, the layer or the picture at fault.
  func terms(
    _ classifier: Classifier, _ labels: ClassLabels, size: Int?, _ pool: ThreadPool
  ) throws -> [ExcitationEnergy.Term] {
    guard let classQuery else { return try neurons(classifier, size, pool) }
    try classifier.check(layer: classifier.architecture.scoreLayer)
    return try classQuery.terms.map { name, weight in
      let index = try labels.index(of: name)
      return .init(
        probability ? .logProbability(ofClass: index) : .score(ofClass: index), weight: weight)
    }
  }

  private func neurons(
    _ classifier: Classifier, _ size: Int?, _ pool: ThreadPool
  ) throws -> [ExcitationEnergy.Term] {
    guard let layer else { throw ValidationError("give --layer and --channel") }
    if let caricature {
      let picture = classifier.architecture.fit(try Picture(contentsOf: caricature), side: size)
      return [.init(try .caricature(of: picture, at: layer, of: classifier, threads: pool))]
    }
    try classifier.check(layer: layer)
    if dream != nil { return [.init(.energy(layer: layer))] }
    return (channel?.channels ?? []).map { channel, weight in
      let excitation: Excitation =
        if let neuron {
          .neuron(row: neuron.row, column: neuron.column, channel: channel, layer: layer)
        } else if let window {
          .window(side: window, channel: channel, layer: layer)
        } else {
          .channel(channel, layer: layer)
        }
      return .init(excitation, weight: weight)
    }
  }
}
