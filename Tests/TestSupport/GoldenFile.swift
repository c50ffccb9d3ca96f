import Engine
import Foundation

/// A file of `Tests/Fixtures/golden`: tensors computed in double precision by another program, kept
/// in single precision in the safetensors format.
///
/// Of a large tensor the file holds numbers at positions that the tensor's name determines, followed
/// by the mean and the Euclidean norm of all; its shape then stands in the file's metadata.
package struct GoldenFile {
  package let name: String
  private let data: Data
  private let entries: [String: Entry]
  private let sampledShapes: [String: String]

  private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]
  }

  /// Reads the file of this name, without its extension.
  ///
  /// - Throws: ``GoldenFileError`` where it is no such file, or the system's error in reading it.
  package init(_ name: String) throws {
    let file = try Data(
      contentsOf: Fixtures.folder.appending(path: "golden/\(name).safetensors"))
    let headerSize = file.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    guard file.count > 8, headerSize <= UInt64(file.count - 8),
      var header = try JSONSerialization.jsonObject(with: file[8..<8 + Int(headerSize)])
        as? [String: Any]
    else { throw GoldenFileError(file: name, problem: "is not in the safetensors format") }
    self.name = name
    data = file[(8 + Int(headerSize))...]
    sampledShapes = header.removeValue(forKey: "__metadata__") as? [String: String] ?? [:]
    entries = try JSONDecoder().decode(
      [String: Entry].self, from: JSONSerialization.data(withJSONObject: header))
  }

  /// The names of the tensors, sorted.
  package var names: [String] { entries.keys.sorted() }

  /// What a tensor should be.
  ///
  /// - Throws: ``GoldenFileError`` where the file has none of this name.
  package func tensor(_ tensor: String) throws -> GoldenTensor {
    guard let entry = entries[tensor] else {
      throw GoldenFileError(file: name, problem: "has no tensor '\(tensor)'")
    }
    let count = entry.shape.reduce(1, *)
    guard entry.dtype == "F32", entry.data_offsets.count == 2, entry.data_offsets[0] >= 0,
      entry.data_offsets[1] - entry.data_offsets[0] == 4 * count,
      entry.data_offsets[1] <= data.count
    else { throw GoldenFileError(file: name, problem: "holds a damaged '\(tensor)'") }
    let start = data.startIndex + entry.data_offsets[0]
    let numbers = (0..<count).map { index in
      let bytes = data[(start + 4 * index)..<(start + 4 * index + 4)]
      return Float(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
    guard let text = sampledShapes[tensor] else {
      return GoldenTensor(whole: Tensor(Shape(entry.shape), numbers))
    }
    let shape = Shape(text.split(separator: ",").compactMap { Int($0) })
    return GoldenTensor(sampled: tensor, of: shape, numbers)
  }
}

package struct GoldenFileError: Error, CustomStringConvertible {
  let file: String
  let problem: String

  package var description: String {
    "\(file).safetensors \(problem); make it anew with the scripts of Tools/reference"
  }
}

/// What a tensor should be: all of its numbers, or some of them with its mean and norm.
package struct GoldenTensor {
  package let shape: Shape
  private let positions: [Int]
  /// The numbers that the file holds.
  package let numbers: [Double]
  private let mean: Double
  private let norm: Double

  init(whole tensor: Tensor) {
    shape = tensor.shape
    numbers = tensor.elements.map(Double.init)
    positions = Array(numbers.indices)
    mean = numbers.reduce(0, +) / Double(numbers.count)
    norm = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  init(sampled name: String, of shape: Shape, _ stored: [Float]) {
    self.shape = shape
    numbers = stored.dropLast(2).map(Double.init)
    let hashes = HashedNumbers("positions of " + name)
    positions = numbers.indices.map { Int(hashes[$0] % UInt64(shape.count)) }
    (mean, norm) = (Double(stored[stored.count - 2]), Double(stored[stored.count - 1]))
  }

  /// The root of the mean square over all elements.
  package var scale: Double { norm / Double(shape.count).squareRoot() }

  /// The largest difference of an element, of the mean or of the root mean square, over `scale`
  /// (the tensor's own where nothing is given). Infinite for another shape and where a number is not
  /// finite.
  package func error(of found: Tensor, relativeTo scale: Double? = nil) -> Double {
    differences(of: found, relativeTo: scale).max() ?? .infinity
  }

  /// The median where ``error(of:relativeTo:)`` gives the largest: half of the numbers are nearer.
  package func medianError(of found: Tensor, relativeTo scale: Double? = nil) -> Double {
    let sorted = differences(of: found, relativeTo: scale).sorted()
    return sorted.isEmpty ? .infinity : sorted[sorted.count / 2]
  }

  private func differences(of found: Tensor, relativeTo scale: Double?) -> [Double] {
    guard found.shape == shape else { return [] }
    let elements = found.elements.map(Double.init)
    guard elements.allSatisfy(\.isFinite) else { return [] }
    let count = Double(elements.count)
    let foundMean = elements.reduce(0, +) / count
    let foundScale = (elements.reduce(0) { $0 + $1 * $1 } / count).squareRoot()
    let differences =
      zip(positions, numbers).map { abs(elements[$0] - $1) }
      + [abs(foundMean - mean), abs(foundScale - self.scale)]
    return differences.map { $0 / max(scale ?? self.scale, .leastNormalMagnitude) }
  }
}
