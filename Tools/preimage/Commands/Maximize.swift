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
      neurons or --window W for the W×W in its middle. Several classes are excited at once by weights, which \
      may be negative: zebra:1,horse:-0.5. With --layer alone, --caricature exaggerates what the layer has of \
      a picture, and --dream begins at a picture and excites all of the layer. The last iterate is written.
      """)

  @OptionGroup(title: "Network")
  var network: NetworkOptions

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("The classes, by name or index.", valueName: "class[:WEIGHT],…"))
  var classQuery: ClassList?

  @Flag(help: "Excite the logarithm of the class's probability, not its score.")
  var probability = false

  @Option(
    parsing: .unconditional,
    help: "At how many places along each side the network sees the picture in turn, by chance.")
  var jitter = 1

  @Option(
    parsing: .unconditional,
    help: "By what share the network sees it larger or smaller at most, by chance: 0 ... 0.5.")
  var scaling: Float = 0

  @Option(
    parsing: .unconditional, help: "By how many degrees it is turned at most, by chance: 0 ... 180."
  )
  var rotation: Float = 0

  @Option(help: "The layer of a channel ('networks list N' shows them).")
  var layer: String?

  @Option(parsing: .unconditional, help: "The channel of the layer, from 0.")
  var channel: Int?

  @Option(parsing: .unconditional, help: "Column and row of a neuron of the channel, from 0: X,Y.")
  var neuron: Place?

  @Option(parsing: .unconditional, help: "The side of a square of neurons in the channel's middle.")
  var window: Int?

  @Option(help: "The picture whose features at --layer are exaggerated, PNG or JPEG.")
  var caricature: String?

  @Option(help: "The picture from which all of --layer is excited; needs --prior pixels or tv.")
  var dream: String?

  @OptionGroup
  var size: SizeOption

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  @OptionGroup(title: "Prior")
  var prior: PriorOptions

  @OptionGroup(title: "Run")
  var options: RunOptions

  /// Classes named by `C[:WEIGHT],…`.
  struct ClassList: ExpressibleByArgument {
    var classes: [(name: String, weight: Float)] = []

    init?(argument: String) {
      for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
        let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
        let weight = pieces.count == 2 ? Float(pieces[1]) : 1
        guard let name = pieces.first, !name.isEmpty, pieces.count <= 2, let weight,
          weight.isFinite,
          weight != 0
        else { return nil }
        classes.append((String(name), weight))
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
    try options.checkThatNothingIsHidden()
    if let window { try RunOptions.check(window, "--window", in: 1...4096) }
    if let channel { try RunOptions.check(channel, "--channel", in: 0...1_000_000) }
    try RunOptions.check(jitter, "--jitter", in: 1...256)
    guard (0...0.5).contains(scaling), (0...180).contains(rotation) else {
      throw ValidationError("--scaling takes a number from 0 to 0.5, --rotation one from 0 to 180")
    }
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
      if dream != nil, ![.pixels, .tv].contains(prior.prior) {
        throw ValidationError("--dream begins at a picture, which --prior pixels and tv alone can")
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
      picture: output, run: options,
      inputs: [
        try network.file(), network.labels, prior.magnitude, caricature, dream,
      ])
    let classifier = try network.classifier()
    let labels = try network.classLabels(of: classifier.architecture)
    let pool = try options.pool()
    let terms = try terms(classifier, labels, pool)
    var maximization =
      prior.prior == .tv
      ? Maximization.tv(terms[0].excitation, of: classifier, size: size.size)
      : Maximization.dip(terms[0].excitation, of: classifier, size: size.size)
    maximization.energy.terms = terms
    maximization.energy.viewing.jitter = jitter
    maximization.energy.viewing.scaling = scaling
    maximization.energy.viewing.rotation = rotation
    maximization = try prior.applied(to: maximization, own: [.dip, .tv])
    if let dream, var pixels = maximization.prior as? PixelPrior {
      let architecture = classifier.architecture
      let side = (size.size ?? architecture.inputSize) + jitter - 1
      pixels.start = .picture(architecture.fit(try Picture(contentsOf: dream), side: side))
      maximization.prior = pixels
      maximization.plan.iterations = 100
    }
    maximization.plan = options.applied(to: maximization.plan)
    let run = Run(
      task: "maximize", prior: prior.prior.rawValue, options: options, outputs: outputs,
      view: try options.live.view(besides: output, canStop: true))
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

  private func terms(
    _ classifier: Classifier, _ labels: ClassLabels, _ pool: ThreadPool
  ) throws -> [ExcitationEnergy.Term] {
    guard let classQuery else { return [.init(try excitation(classifier, pool))] }
    try classifier.check(layer: classifier.architecture.scoreLayer)
    return try classQuery.classes.map { name, weight in
      let index = try labels.index(of: name)
      return .init(
        probability ? .logProbability(ofClass: index) : .score(ofClass: index), weight: weight)
    }
  }

  private func excitation(_ classifier: Classifier, _ pool: ThreadPool) throws -> Excitation {
    if let layer, let caricature {
      let picture = classifier.architecture.fit(
        try Picture(contentsOf: caricature), side: size.size)
      return try .caricature(of: picture, at: layer, of: classifier, threads: pool)
    }
    if let layer, dream != nil {
      try classifier.check(layer: layer)
      return .energy(layer: layer)
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
