import ArgumentParser
import DIP
import Diagnosis
import Engine
import Imaging
import Inversion
import PretrainedNets

struct Invert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invert",
    abstract: "Find a picture with the same features as yours at a layer of a network.",
    discussion: """
      What the found picture shares with yours is what the layer keeps; what differs is what it \
      leaves to the prior. dip is the Deep Image Prior's hourglass, tv is pixels with total variation \
      and α-norm (Mahendran and Vedaldi). The iterate of the least energy is written. With --layers each \
      layer is inverted alone with each of --priors, and a page, a table and the pictures are written to a \
      folder.
      """)

  @Argument(
    help: "The picture, PNG or JPEG; the square in its middle is resized to the network's size.")
  var picture: String

  @OptionGroup(title: "Network")
  var network: NetworkOptions

  @Option(
    help: "The layers L[:WEIGHT],… whose features are matched ('networks list N' shows them).")
  var layer: LayerList?

  @Option(help: ArgumentHelp("The layers to invert each alone.", valueName: "all or A,B,…"))
  var layers: LayerChoice?

  @Option(help: "The priors for --layers: \(PriorList.known).")
  var priors = PriorList(kinds: [.dip, .tv])

  @Option(
    help: """
      Other pictures, whose codes' distances errors are measured by with --layers; by default the \
      picture's own quarters.
      """)
  var references: [String] = []

  @OptionGroup(title: "Part")
  var part: FeaturePartOptions

  @OptionGroup
  var size: SizeOption

  @Option(name: .shortAndLong, help: "The PNG file to write; the folder, with --layers.")
  var output: String

  @OptionGroup(title: "Prior")
  var prior: PriorOptions

  @OptionGroup(title: "Run")
  var options: RunOptions

  func validate() throws {
    try options.checkThatNothingIsHidden()
    if layers != nil { return try validateSurvey() }
    if layer == nil { throw ValidationError("give --layer, or --layers for several alone") }
    if !references.isEmpty { throw ValidationError("--references goes with --layers") }
  }

  func run() throws {
    if let layers { return try survey(layers) }
    guard let layer else { return }
    let outputs = try Outputs(
      picture: output, run: options,
      inputs: [picture, try network.file(), network.labels, prior.magnitude])
    let classifier = try network.classifier()
    let labels = try network.classLabels(of: classifier.architecture)
    for (name, _) in layer.layers { try classifier.check(layer: name) }
    let target = classifier.architecture.fit(try Picture(contentsOf: picture), side: size.size)
    let pool = try options.pool()
    let layers = try layer.layers.map { name, weight in
      let shape = try classifier.features(of: target, at: [name], threads: pool)[name]?.shape
      return FeatureInversion.Layer(
        name, weight: weight, part: shape.flatMap { part.part(of: $0) })
    }
    var inversion =
      prior.prior == .tv
      ? try FeatureInversion.tv(target, layers: layers, of: classifier, threads: pool)
      : try FeatureInversion.dip(target, layers: layers, of: classifier, threads: pool)
    inversion = try prior.applied(to: inversion, own: [.dip, .tv])
    inversion.plan = options.applied(to: inversion.plan)
    let run = Run(
      task: "invert", prior: prior.prior.rawValue, options: options, outputs: outputs,
      truth: target,
      beside: [("Picture", target)], classifier: classifier,
      view: try options.live.view(besides: output, canStop: true))
    var result = try run(
      try inversion.solver(random: RandomSource(seed: options.seed), threads: pool),
      plan: inversion.plan)
    guard let best = result.solution.best else { throw TrialError.diverged }
    let found = best.picture.clamped()
    let errors = FeatureEnergy.errors(in: best.observed)
    result.summary.bestIteration = best.iteration
    result.summary.loss = best.loss
    result.summary.psnr = psnr(found, target)
    result.summary.psnrAverage = psnr(result.solution.average.clamped(), target)
    result.summary.ssim = ssim(found, target)
    result.summary.featureError = Dictionary(errors) { first, _ in first }
    let picture = FoundPicture(picture: found, classifier: classifier, labels: labels)
    try picture.write(
      run, result,
      report: [
        "\(output): \(result.summary.cost), "
          + String(format: "PSNR to the picture %.2f dB", result.summary.psnr ?? 0)
      ]
        + errors.map { layer, error in
          "  feature error \(String(format: "%.4f", error))  \(layer)"
        }, threads: pool)
  }
}
