import ArgumentParser
import DIP
import Engine
import Imaging
import Inversion
import PretrainedNets

struct Maximize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maximize",
    abstract: "Find a picture that excites a class, a channel or a neuron most.",
    discussion: """
      Give --class, or --layer and --channel for the whole channel, with --neuron X,Y for one of its \
      neurons or --window W for the W×W in its middle. The last iterate is written.
      """)

  @OptionGroup(title: "Network")
  var network: NetworkOptions

  @Option(name: .customLong("class"), help: "The class, by name or index.")
  var classQuery: String?

  @Option(help: "The layer of a channel ('networks list N' shows them).")
  var layer: String?

  @Option(parsing: .unconditional, help: "The channel of the layer, from 0.")
  var channel: Int?

  @Option(parsing: .unconditional, help: "Column and row of a neuron of the channel, from 0: X,Y.")
  var neuron: Place?

  @Option(parsing: .unconditional, help: "The side of a square of neurons in the channel's middle.")
  var window: Int?

  @OptionGroup
  var size: SizeOption

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  @OptionGroup(title: "Prior")
  var prior: PriorOptions

  @OptionGroup(title: "Run")
  var options: RunOptions

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
    try options.checkThatNothingIsHidden()
    if let window { try RunOptions.check(window, "--window", in: 1...4096) }
    if let channel { try RunOptions.check(channel, "--channel", in: 0...1_000_000) }
    if classQuery != nil {
      guard layer == nil, channel == nil, neuron == nil, window == nil else {
        throw ValidationError("--class stands alone; leave out --layer, --channel and the like")
      }
    } else if layer == nil || channel == nil {
      throw ValidationError("give --class, or --layer and --channel")
    }
    if neuron != nil, window != nil {
      throw ValidationError("give --neuron or --window, not both")
    }
  }

  func run() throws {
    let outputs = try Outputs(
      picture: output, run: options, inputs: [try network.file(), network.labels, prior.magnitude])
    let classifier = try network.classifier()
    let labels = try network.classLabels(of: classifier.architecture)
    let excitation = try excitation(classifier, labels)
    var maximization =
      prior.prior == .tv
      ? Maximization.tv(excitation, of: classifier, size: size.size)
      : Maximization.dip(excitation, of: classifier, size: size.size)
    maximization = try prior.applied(to: maximization, own: [.dip, .tv])
    maximization.plan = options.applied(to: maximization.plan)
    let pool = try options.pool()
    let run = Run(task: "maximize", prior: prior.prior.rawValue, options: options, outputs: outputs)
    var result = try run(
      try maximization.solver(random: RandomSource(seed: options.seed), threads: pool),
      plan: maximization.plan)
    let found = result.solution.picture.clamped()
    let score = result.solution.observed.first?.value ?? 0
    result.summary.excitation = score
    let picture = FoundPicture(picture: found, classifier: classifier, labels: labels)
    try picture.write(
      run, result,
      report: [
        "\(output): \(result.summary.cost), excitation \(String(format: "%.4g", score))"
      ], threads: pool)
  }

  private func excitation(
    _ classifier: Classifier, _ labels: ClassLabels
  ) throws -> Excitation {
    if let classQuery {
      try classifier.check(layer: classifier.architecture.scoreLayer)
      return .score(ofClass: try labels.index(of: classQuery))
    }
    guard let layer, let channel else { throw ValidationError("give --layer and --channel") }
    try classifier.check(layer: layer)
    if let neuron {
      return .neuron(row: neuron.row, column: neuron.column, channel: channel, layer: layer)
    }
    if let window { return .window(side: window, channel: channel, layer: layer) }
    return .channel(channel, layer: layer)
  }
}
