import Foundation

/// The header of a safetensors file: where each tensor lies behind it, as JSON tells.
struct SafetensorsHeader: Decodable {
  private(set) var tensors: [String: Place] = [:]
  /// The members of all objects together.
  private var memberCount = 0

  struct Place: Decodable {
    var type: String
    var shape: [Int]
    /// The first byte and the one behind the last, counted from the end of the header.
    var offsets: [UInt64]

    enum CodingKeys: String, CodingKey, CaseIterable {
      case type = "dtype"
      case shape
      case offsets = "data_offsets"
    }
  }

  /// Reads the text of a header.
  ///
  /// - Throws: ``Problem`` where it is not JSON of the known form.
  init(_ json: [UInt8]) throws(Problem) {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(json))
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
      throw Problem(tensor: nil, reason: Self.notJSON)
    } catch DecodingError.typeMismatch(_, let context), DecodingError.keyNotFound(_, let context),
      DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(let context)
    {
      throw Problem(tensor: context.codingPath.first?.stringValue, reason: Self.form)
    } catch { throw Problem(tensor: nil, reason: Self.notJSON) }
    // Of members of the same name the decoder keeps one.
    guard Self.memberCount(of: json) == memberCount else {
      throw Problem(tensor: nil, reason: "it has a member twice, or one that does not belong there")
    }
  }

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: Name.self)
    for name in members.allKeys {
      if name.stringValue == "__metadata__" {
        memberCount += 1 + (try members.decode([String: String].self, forKey: name)).count
      } else {
        tensors[name.stringValue] = try members.decode(Place.self, forKey: name)
        memberCount += 1 + Place.CodingKeys.allCases.count
      }
    }
  }

  /// What is wrong, in the description of a tensor or in the whole.
  struct Problem: Error {
    var tensor: String?
    var reason: String
  }

  private static let notJSON = "it is not JSON of the types, shapes and offsets of tensors"
  private static let form = "its description is not a dtype, a shape and two data_offsets"

  /// The members of all objects in JSON that is well formed: each has one colon outside strings.
  private static func memberCount(of json: [UInt8]) -> Int {
    var (count, isInString, isEscaped) = (0, false, false)
    for byte in json {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\"") {
        isInString.toggle()
      } else if isInString {
        isEscaped = byte == UInt8(ascii: "\\")
      } else if byte == UInt8(ascii: ":") {
        count += 1
      }
    }
    return count
  }

  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
