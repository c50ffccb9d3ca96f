import ArgumentParser
import Fetching
import Foundation
import ShippedFiles
import Terminal

extension Networks {
  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fetch the weights of a network from their publisher, and verify them.",
      discussion: """
        A file is there as a whole or not at all; a download that was interrupted goes on where it \
        ended when the command is run again. The digest that the publisher states is verified; \
        where it states none, the command says so. A file that is there is verified and never \
        replaced. Proxies are taken from http_proxy, https_proxy and no_proxy.
        """)

    @Argument(help: "The network ('preimage networks list' shows all).")
    var network: String

    @Option(help: "The format of the file, where there are several: caffemodel, h5 or pth.")
    var format: String?

    @Option(
      name: .shortAndLong,
      help: """
        The folder for the file; by default $PREIMAGE_WEIGHTS, or preimage/weights in \
        $XDG_DATA_HOME (~/.local/share).
        """)
    var output: String?

    @Option(
      parsing: .unconditional,
      help: "How many seconds nothing may arrive before the server is left.")
    var timeout = 30

    @Option(help: "Another list of networks and files, in the form of weights/manifest.json.")
    var manifest: String?

    @Flag(name: .shortAndLong, help: "No progress on standard error.")
    var quiet = false

    func validate() throws { try RunOptions.check(timeout, "--timeout", in: 1...3600) }

    func run() throws {
      let list = try Manifest(
        contentsOf: manifest.map { URL(filePath: $0) } ?? ShippedFiles.manifest)
      let network = try list.network(named: network)
      let file = try network.file(format: format)
      var download = Download(of: file, to: output ?? WeightFolder.path())
      download.patience = .seconds(timeout)
      let result = try fetch(download)
      let how = result.wasThere ? "already there" : "fetched"
      let trust =
        file.digest.map { "\($0), as stated in \($0.stated)" }
        ?? "taken on trust: the publisher states no digest"
      print(result.path)
      print("  \(how), \(result.length) bytes; \(trust)")
      print("  use it:  --network \(network.name) --weights \(Self.quoted(result.path))")
      print("  licence: \(file.licence)")
      print("  cite:    \(network.citation)")
      if let note = file.note { print("  note:    \(note)") }
    }

    private func fetch(_ download: Download) throws -> Download.Result {
      var meter: ProgressMeter?
      defer { meter?.leave() }
      return try download { done, total in
        guard !quiet else { return }
        if meter == nil {
          meter = ProgressMeter(
            task: "fetch", total: total.map(Int.init), from: Int(done), unit: .bytes)
        }
        meter?.update(done: Int(done))
      }
    }

    /// The path as a shell takes it.
    private static func quoted(_ path: String) -> String {
      let isPlain = path.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber) || "/._-+@%".contains($0)
      }
      return isPlain ? path : "'\(path.replacingOccurrences(of: "'", with: "'\\''"))'"
    }
  }
}
