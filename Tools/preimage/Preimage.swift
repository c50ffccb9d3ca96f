import ArgumentParser
import Foundation
import Terminal

@main
struct Preimage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preimage",
    abstract: "Feature inversion, network diagnosis and picture restoration by optimisation.",
    discussion: """
      Every command finds the picture that makes an energy small: the one that explains a damaged \
      picture, that has the same features as yours at a layer of a network, or that excites a class \
      most. Exit codes: 0 done, 1 the work failed, 64 wrong use.
      """,
    version: "0.1.0",
    subcommands: [Demo.self],
    groupedSubcommands: [
      CommandGroup(
        name: "Restoration",
        subcommands: [
          Denoise.self, Inpaint.self, SuperResolve.self, Deblur.self, RemoveJPEGArtefacts.self,
          Flash.self, Detail.self,
        ]),
      CommandGroup(
        name: "Networks",
        subcommands: [
          Classify.self, Invert.self, Maximize.self, Compare.self, Diagnose.self, Networks.self,
        ]),
    ])

  /// Runs a command; whatever fails ends in one line on standard error.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let interrupted as Interrupted {
      StandardError.write("preimage: \(interrupted)\n")
      // As a shell tells of a process that a signal ended.
      Foundation.exit(128 + interrupted.signal)
    } catch {
      let code = exitCode(for: error)
      // Help and the version are 'errors' too, of exit code 0.
      if code.isSuccess { exit(withError: error) }
      let message = message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
      let help = code == .validationFailure ? " (see '\(helpCommand)')" : ""
      StandardError.write("preimage: \(message)\(help)\n")
      exit(withError: code)
    }
  }

  /// What explains the command that was called.
  private static var helpCommand: String {
    let known = configuration.subcommands.map { $0.configuration.commandName }
    let called = CommandLine.arguments.dropFirst().first ?? ""
    return known.contains(called) ? "preimage help \(called)" : "preimage help"
  }
}
