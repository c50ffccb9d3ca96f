import Engine
import Foundation

/// Named tensors and texts, as the bytes of a safetensors file (its format is
/// https://huggingface.co/docs/safetensors): the length of a header, the header in JSON, the numbers.
struct TensorBundle {
  private(set) var tensors: [(name: String, tensor: Tensor)] = []
  var texts: [String: String] = [:]

  init() {}

  /// The tensor of a name, which is not there yet when it is set.
  subscript(name: String) -> Tensor? {
    get { tensors.first { $0.name == name }?.tensor }
    set { if let newValue { tensors.append((name, newValue)) } }
  }

  mutating func add(_ list: [Tensor], _ name: String) {
    for (index, tensor) in list.enumerated() { self["\(name) \(index)"] = tensor }
  }

  /// The tensors of a list, as many as there are in a row.
  func list(_ name: String) -> [Tensor] {
    let all = Dictionary(tensors.map { ($0.name, $0.tensor) }) { first, _ in first }
    var list: [Tensor] = []
    while let tensor = all["\(name) \(list.count)"] { list.append(tensor) }
    return list
  }

  func tensor(_ name: String) throws(CheckpointError) -> Tensor {
    guard let tensor = self[name] else { throw .damaged("it lacks the \(name)") }
    return tensor
  }

  /// What a text says.
  func value<T: Decodable>(_ type: T.Type, of name: String) throws(CheckpointError) -> T {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    guard let text = texts[name], let value = try? decoder.decode(type, from: Data(text.utf8))
    else { throw .damaged("its \(name) cannot be read") }
    return value
  }

  static func text(of value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

// MARK: - Bytes

extension TensorBundle {
  private static let metadata = "__metadata__"
  private static let digest = "digest"

  private struct Place: Codable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]
  }

  /// The header: texts under one name, places under those of the tensors.
  private struct Header: Codable {
    var texts: [String: String] = [:]
    var places: [String: Place] = [:]

    init() {}

    struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }

      init(stringValue: String) { self.stringValue = stringValue }

      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      for key in container.allKeys {
        if key.stringValue == TensorBundle.metadata {
          texts = try container.decode([String: String].self, forKey: key)
        } else {
          places[key.stringValue] = try container.decode(Place.self, forKey: key)
        }
      }
    }

    /// The same header gives the same bytes.
    func encoded() throws -> Data {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return try encoder.encode(self)
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(texts, forKey: Key(stringValue: TensorBundle.metadata))
      for (name, place) in places { try container.encode(place, forKey: Key(stringValue: name)) }
    }
  }

  func encoded() throws -> Data {
    var numbers = Data()
    var header = Header()
    for (name, tensor) in tensors {
      let start = numbers.count
      tensor.withSpan { span in span.withUnsafeBytes { numbers.append(contentsOf: $0) } }
      header.places[name] = Place(
        dtype: "F32", shape: tensor.shape.extents, data_offsets: [start, numbers.count])
    }
    header.texts = texts
    header.texts[Self.digest] = Digest.of(try header.encoded(), numbers)
    var text = try header.encoded()
    // The numbers begin at a multiple of eight bytes.
    text.append(contentsOf: [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8))
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text + numbers
  }

  init(decoding data: Data) throws(CheckpointError) {
    let data = data.startIndex == 0 ? data : Data(data)
    guard data.count >= 8 else { throw .damaged("it is cut short") }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(data.count - 8) else { throw .format }
    let start = 8 + Int(length)
    guard var header = try? JSONDecoder().decode(Header.self, from: data[8..<start]) else {
      throw .format
    }
    let numbers = data[start...]
    let digest = header.texts.removeValue(forKey: Self.digest)
    guard let rest = try? header.encoded(), digest == Digest.of(rest, numbers) else {
      throw .damaged("its digest is another one")
    }
    for (name, place) in header.places.sorted(by: {
      $0.value.data_offsets.lexicographicallyPrecedes($1.value.data_offsets)
    }) {
      var count = 1
      for extent in place.shape {
        let (product, overflows) = count.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflows, product <= numbers.count else {
          throw .damaged("the shape of \(name) is impossible")
        }
        count = product
      }
      guard place.dtype == "F32", place.data_offsets.count == 2,
        let from = place.data_offsets.first, let to = place.data_offsets.last,
        from >= 0, from <= to, to <= numbers.count, to - from == 4 * count
      else { throw .damaged("\(name) lies outside it") }
      let bytes = numbers[(start + from)..<(start + to)]
      tensors.append(
        (
          name,
          Tensor(Shape(place.shape)) { target in
            UnsafeMutableRawBufferPointer(target).copyBytes(from: bytes)
          }
        ))
    }
    texts = header.texts
  }
}
