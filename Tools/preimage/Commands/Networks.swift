import ArgumentParser
import Engine
import Fetching
import Foundation
import Imaging
import PretrainedNets
import ShippedFiles

struct Networks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "networks",
    abstract: "Show the networks that are known and what files of weights hold; fetch weights.",
    subcommands: [List.self, Inspect.self, Check.self, Fetch.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the networks, or the layers of one with the shapes of their outputs.")

    @Argument(help: "A network, for its layers; or an ONNX model.")
    var network: String?

    func run() throws {
      guard let network else {
        let manifest = try? Manifest(contentsOf: ShippedFiles.manifest)
        let rows = Architecture.all.map { architecture in
          let files = (try? manifest?.network(named: architecture.name))?.files ?? []
          return [
            architecture.name, architecture.title,
            "\(architecture.inputSize)×\(architecture.inputSize)",
            "\(architecture.layers.count) layers", "\(architecture.parameterCount) parameters",
            files.isEmpty ? "" : "fetch: \(files.map(\.format).joined(separator: ", "))",
          ]
        }
        return Table.print(rows)
      }
      let architecture =
        NetworkOptions.isModel(network)
        ? try Classifier(onnxAt: network).architecture : try Architecture.named(network)
      Table.print(
        architecture.layers.map { layer in
          let weights = architecture.weightedLayers.first { $0.name == layer.name }
          return [
            layer.name,
            architecture.shapes[layer.name].map { Table.shape($0.extents.dropFirst()) } ?? "",
            weights.map { "weights \(Table.shape($0.shape.extents[...]))" } ?? "",
          ]
        })
    }
  }

  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the tensors of a file of weights and the networks it serves.")

    @Argument(help: "A file of weights: \(WeightFileError.formats).")
    var file: String

    func run() throws {
      let isModel = NetworkOptions.isModel(file)
      let weights = isModel ? try Classifier(onnxAt: file).file : try WeightFile(at: file)
      print("\(file): \(weights.layoutDescription)")
      Table.print(
        weights.entries.map { entry in
          ["  \(entry.path.onOneLine)", Table.shape(entry.extents[...]), "\(entry.type)"]
        })
      if isModel { return print("is a network of its own: --network \(file)") }
      let served = Architecture.all.compactMap { fit(of: weights, to: $0) }
      print(served.isEmpty ? "serves none of the known networks" : served.joined(separator: "\n"))
    }

    private func fit(of weights: WeightFile, to architecture: Architecture) -> String? {
      guard let classifier = try? Classifier(architecture, weightsAt: file) else { return nil }
      let held = weights.held(of: architecture.weightedLayers).count
      let all = architecture.weightedLayers.count
      let reach = classifier.availableLayers.last ?? "no layer"
      return "serves \(architecture.name): "
        + (held == all ? "complete" : "\(held) of \(all) layers with weights, up to \(reach)")
    }
  }
}

/// Columns of text.
enum Table {
  static func print(_ rows: [[String]]) {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
    }
    for row in rows {
      let cells = row.enumerated().map { column, text in
        text + String(repeating: " ", count: widths[column] - text.count)
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      Swift.print(line)
    }
  }

  static func shape(_ extents: ArraySlice<Int>) -> String {
    extents.isEmpty ? "scalar" : extents.map(String.init).joined(separator: "×")
  }
}
