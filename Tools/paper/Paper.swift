import ArgumentParser
import Terminal

@main
struct Paper: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paper",
    abstract: "Run the experiments of the Deep Image Prior papers on pictures of yours.",
    discussion: """
      Writes report.html, a page with the pictures, and table.md and table.csv, the scores beside those \
      that are published. With --pictures FOLDER each experiment takes what lies in folders inside of it, \
      which 'paper help EXPERIMENT' names; --quick tries an experiment at a small size and, without \
      a folder, on pictures that are drawn.
      """,
    subcommands: [
      All.self, Single<Denoising>.self, Single<SuperResolution>.self, Single<PixelInpainting>.self,
      Single<TextInpainting>.self, Single<RegionInpainting>.self, Single<JPEGArtefacts>.self,
      Single<FlashNoFlash>.self, Single<LearningCurves>.self, Single<UntrainedSamples>.self,
      Single<Architectures>.self,
    ])

  static var experiments: [any Experiment.Type] {
    [
      Denoising.self, SuperResolution.self, PixelInpainting.self, TextInpainting.self,
      RegionInpainting.self, JPEGArtefacts.self, FlashNoFlash.self, LearningCurves.self,
      UntrainedSamples.self, Architectures.self,
    ]
  }

  /// Runs a command; whatever fails ends in one line on standard error.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      // Help is an 'error' too, of exit code 0.
      if code.isSuccess { exit(withError: error) }
      let message = message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
      StandardError.write("paper: \(message)\n")
      exit(withError: code)
    }
  }
}

/// Every experiment that has pictures, one after another.
struct All: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all",
    abstract: "Run every experiment; those that --pictures has no folder for are left out.")

  @OptionGroup
  var options: PaperOptions

  func run() throws {
    let all = Paper.experiments
    let source = options.source
    let ready = all.filter { $0.folders.isEmpty || $0.folders.contains(where: source.has) }
    let missing = all.filter { kind in !ready.contains { $0.name == kind.name } }
    if ready.allSatisfy({ $0.folders.isEmpty }), case .folder(let url) = source {
      throw PaperError.nothingToDo(folder: url.path, names: all.flatMap { $0.folders })
    }
    try Reproduction(options: options, command: "all").run(ready, without: missing)
  }
}

/// One experiment as a command.
struct Single<Kind: Experiment>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: Kind.name, abstract: Kind.abstract, discussion: Kind.pictures)
  }

  @OptionGroup
  var options: PaperOptions

  func run() throws {
    try Reproduction(options: options, command: Kind.name).run([Kind.self], without: [])
  }
}
