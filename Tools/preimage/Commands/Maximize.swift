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
      neurons or --window W for the W×W in its middle. Several classes or channels are excited at once by \
      weights, which may be negative: zebra:1,horse:-0.5. With --layer alone, --caricature exaggerates what the layer has of \
      a picture, and --dream begins at a picture and excites all of the layer. The last iterate is written. \
      With --pictures several that are unlike each other are sought, and a page, a table and the pictures are \
      written to a folder.
      """)

  @OptionGroup(title: "Network")
  var network: NetworkOptions

  @OptionGroup(title: "Excitation")
  var sought: ExcitationOptions

  @OptionGroup(title: "Viewing")
  var viewing: ViewingOptions

  @OptionGroup
  var size: SizeOption

  @Option(parsing: .unconditional, help: "How many pictures are sought, each unlike those before.")
  var pictures: Int?

  @Option(
    parsing: .unconditional,
    help: "What share of the first picture's excitation is given for being unlike; 0.25 by default."
  )
  var diversity: Float?

  @Option(
    help: """
      The layer that tells whether --pictures are alike; by default the last that is a ninth as large as \
      the picture.
      """)
  var diversityLayer: String?

  @Option(name: .shortAndLong, help: "The PNG file to write; the folder, with --pictures.")
  var output: String

  @OptionGroup(title: "Prior")
  var prior: PriorOptions

  @OptionGroup(title: "Run")
  var options: RunOptions

  func validate() throws {
    try options.checkThatNothingIsHidden()
    if sought.dream != nil, ![.pixels, .tv].contains(prior.prior) {
      throw ValidationError("--dream begins at a picture, which --prior pixels and tv alone can")
    }
    if pictures != nil { return try validateSeveral() }
    if diversity != nil || diversityLayer != nil {
      throw ValidationError("--diversity and --diversity-layer go with --pictures")
    }
  }

  func run() throws {
    if let pictures { return try runSeveral(pictures) }
    let outputs = try Outputs(
      picture: output, run: options,
      inputs: [
        try network.file(), network.labels, prior.magnitude, sought.caricature, sought.dream,
      ])
    let classifier = try network.classifier()
    let labels = try network.classLabels(of: classifier.architecture)
    let pool = try options.pool()
    let maximization = try search(classifier, labels, pool)
    let run = Run(
      task: "maximize", prior: prior.prior.rawValue, options: options, outputs: outputs,
      classifier: classifier, view: try options.live.view(besides: output, canStop: true))
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

  /// The search that is asked for.
  func search(
    _ classifier: Classifier, _ labels: ClassLabels, _ pool: ThreadPool
  ) throws -> Maximization {
    let terms = try sought.terms(classifier, labels, size: size.size, pool)
    var search =
      prior.prior == .tv
      ? Maximization.tv(terms[0].excitation, of: classifier, size: size.size)
      : Maximization.dip(terms[0].excitation, of: classifier, size: size.size)
    (search.energy.terms, search.energy.target) = (terms, sought.target)
    viewing.apply(to: &search.energy.viewing)
    search = try prior.applied(to: search, own: [.dip, .tv])
    if let dream = sought.dream, var pixels = search.prior as? PixelPrior {
      let architecture = classifier.architecture
      let side = (size.size ?? architecture.inputSize) + viewing.jitter - 1
      pixels.start = .picture(architecture.fit(try Picture(contentsOf: dream), side: side))
      search.prior = pixels
      search.plan.iterations = 100
    }
    search.plan = options.applied(to: search.plan)
    return search
  }
}
