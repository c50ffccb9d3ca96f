import Foundation

/// A node of an ONNX graph with what it says, checked as it is read.
struct ONNXOperator {
  /// The file, which errors name.
  let file: String
  let node: ONNXNode
  /// The version of the operator set, which decides between attributes and inputs.
  let version: Int

  /// How far a window, a stride or a margin may reach.
  static let longestSide = 4096

  var kind: String { node.operation }
  /// The value that it gives.
  var output: String { node.outputs.first ?? "" }

  /// An input's name; `nil` where it is left out.
  func input(_ index: Int) -> String? {
    guard index < node.inputs.count, !node.inputs[index].isEmpty else { return nil }
    return node.inputs[index]
  }

  func fail(_ problem: String) -> WeightFileError {
    // A hostile file's names and lists can be of any length.
    .node(
      file: file, node: (node.name.isEmpty ? output : node.name).cut(to: 200),
      problem: problem.cut(to: 600))
  }

  func attribute(_ name: String) -> ONNXAttribute? {
    node.attributes.first { $0.name == name }
  }

  func integer(_ name: String, default value: Int) -> Int {
    attribute(name).map { Int(clamping: $0.integer) } ?? value
  }

  func integers(_ name: String) -> [Int]? {
    attribute(name)?.integers.map { Int(clamping: $0) }
  }

  func text(_ name: String, default value: String) -> String {
    attribute(name).map { String(decoding: $0.text, as: UTF8.self) } ?? value
  }

  func number(_ name: String, default value: Float) throws(WeightFileError) -> Float {
    let found = attribute(name)?.number ?? value
    guard found.isFinite else { throw fail("(\(kind)) has the \(name) \(found)") }
    return found
  }

  /// Refuses what an attribute says unless it is this.
  func require(_ name: String, is value: Int) throws(WeightFileError) {
    let found = integer(name, default: value)
    guard found == value else {
      throw fail("(\(kind)) has the \(name) \(found), and only \(value) is supported")
    }
  }

  /// An axis counted from the front.
  func axis(_ axis: Int, of rank: Int) throws(WeightFileError) -> Int {
    guard (-rank..<rank).contains(axis) else {
      throw fail("(\(kind)) has the axis \(axis) of \(rank)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// A pair of sides, such as a kernel or strides.
  func sides(_ name: String, default value: Int?) throws(WeightFileError) -> (Int, Int) {
    let found = integers(name) ?? value.map { [$0, $0] } ?? []
    guard found.count == 2, found.allSatisfy({ (1...Self.longestSide).contains($0) }) else {
      throw fail("(\(kind)) has the \(name) \(found); pictures need two numbers from 1 on")
    }
    return (found[0], found[1])
  }

  /// A stride that is the same both ways.
  func stride() throws(WeightFileError) -> Int {
    let (vertical, horizontal) = try sides("strides", default: 1)
    guard vertical == horizontal else {
      throw fail(
        "(\(kind)) has the strides \([vertical, horizontal]), and only equal ones are supported")
    }
    return vertical
  }

  /// Refuses windows with gaps.
  func requireNoDilation() throws(WeightFileError) {
    let (vertical, horizontal) = try sides("dilations", default: 1)
    guard vertical == 1, horizontal == 1 else {
      throw fail("(\(kind)) has the dilations \([vertical, horizontal]), and only 1 is supported")
    }
  }

  /// The rows and columns around a picture of this height and width that a window slides over.
  func margins(
    kernel: (Int, Int), stride: Int, height: Int, width: Int
  ) throws(WeightFileError) -> Layer.Margins {
    let automatic = text("auto_pad", default: "NOTSET")
    switch automatic {
    case "NOTSET", "":
      let pads = integers("pads") ?? [0, 0, 0, 0]
      guard pads.count == 4, pads.allSatisfy({ (0...Self.longestSide).contains($0) }) else {
        throw fail("(\(kind)) has the pads \(pads); pictures need four numbers from 0 on")
      }
      return Layer.Margins(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
    case "VALID": return Layer.Margins()
    case "SAME_UPPER", "SAME_LOWER":
      func split(_ side: Int, _ kernel: Int) -> (Int, Int) {
        let count = (side + stride - 1) / stride
        let all = max(0, (count - 1) * stride + kernel - side)
        return automatic == "SAME_UPPER" ? (all / 2, all - all / 2) : (all - all / 2, all / 2)
      }
      let (top, bottom) = split(height, kernel.0)
      let (left, right) = split(width, kernel.1)
      return Layer.Margins(top: top, left: left, bottom: bottom, right: right)
    default: throw fail("(\(kind)) has the auto_pad '\(automatic)', which does not exist")
    }
  }
}

extension String {
  /// The text, or its beginning where it is longer.
  fileprivate func cut(to length: Int) -> String {
    unicodeScalars.count > length ? "\(String(unicodeScalars.prefix(length)))…" : self
  }
}
