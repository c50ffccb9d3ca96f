import ArgumentParser

@main
struct TrainTextures: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-textures",
    abstract: "Train the network that ships on pictures of textures, or show the pictures.",
    subcommands: [Train.self, Measure.self, Sheet.self, Draw.self], defaultSubcommand: Train.self)
}
