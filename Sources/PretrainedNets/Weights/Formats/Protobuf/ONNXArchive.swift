import Foundation

/// An ONNX model: its structure, and the tensors that it stores, by the names of the values they are.
struct ONNXArchive: ProtobufArchive {
  let path: String
  let model: ONNXModel
  let stored: [String: ProtobufTensor]

  /// The numbers of initializers, and of the tensors in the attributes of nodes.
  private static let fields: [Int: Skeleton.Field] = {
    let tensor = Skeleton.Field.message([
      4: .numbers, 5: .numbers, 7: .numbers, 9: .numbers, 10: .numbers, 11: .numbers,
    ])
    let node = Skeleton.Field.message([5: .message([5: tensor])])
    return [7: .message([1: node, 5: tensor])]
  }()

  /// Every exporter writes the version of the format first.
  static func recognizes(_ head: FileHead) -> Bool {
    head.path.hasSuffix(".onnx")
      || head.opensMessage(
        first: [1], varints: [1, 5], delimited: [2, 3, 4, 6, 7, 8, 14, 20, 25])
  }

  init(_ head: FileHead) throws(WeightFileError) {
    path = head.path
    model = try Skeleton.decode(ONNXModel.self, at: path, fields: Self.fields)
    var stored: [String: ProtobufTensor] = [:]
    func add(_ tensor: ONNXTensor, as name: String) throws(WeightFileError) {
      guard let found = try tensor.place(named: name, inModelAt: head.path) else { return }
      guard stored.updateValue(found, forKey: name) == nil else {
        throw .corrupt(file: head.path, inside: name, reason: "two tensors have this name")
      }
    }
    for tensor in model.graph.initializers { try add(tensor, as: tensor.name) }
    for node in model.graph.nodes where node.operation == "Constant" {
      for attribute in node.attributes where attribute.hasTensor {
        try add(attribute.tensor, as: node.outputs.first ?? node.name)
      }
    }
    self.stored = stored
  }
}

extension ONNXTensor {
  /// Where the numbers lie; `nil` where they are no numbers, or none.
  ///
  /// - Throws: ``WeightFileError`` where they are not as many as the shape has, or outside the
  ///   model's folder.
  func place(
    named name: String, inModelAt path: String
  ) throws(WeightFileError) -> ProtobufTensor? {
    guard let elementType else { return nil }
    let entry = WeightFile.Entry(
      path: name, extents: extents.map { Int(clamping: $0) }, type: elementType)
    if entry.extents.contains(0) && !entry.extents.contains(where: { $0 < 0 }) { return nil }
    var tensor = ProtobufTensor(entry: entry, file: path, places: raw)
    if location == 1 {
      tensor.file = try external(path, inside: name)
      tensor.places = [try externalPlace(in: tensor.file, inside: name, of: path)]
    } else if raw.isEmpty {
      switch elementType {
      case .floatingPoint(bits: 32): tensor.places = floats
      case .floatingPoint(bits: 64): tensor.places = doubles
      case .signed(bits: 64): (tensor.places, tensor.areVarints) = (longs, true)
      case .unsigned(bits: 32...): (tensor.places, tensor.areVarints) = (unsignedLongs, true)
      default: (tensor.places, tensor.areVarints) = (ints, true)
      }
    }
    try tensor.check(in: path)
    return tensor
  }

  /// By TensorProto.DataType; `nil` for strings, complex numbers and the types of less than a byte.
  private var elementType: WeightFile.ElementType? {
    switch type {
    case 1: .floatingPoint(bits: 32)
    case 2, 9: .unsigned(bits: 8)
    case 3: .signed(bits: 8)
    case 4: .unsigned(bits: 16)
    case 5: .signed(bits: 16)
    case 6: .signed(bits: 32)
    case 7: .signed(bits: 64)
    case 10: .floatingPoint(bits: 16)
    case 11: .floatingPoint(bits: 64)
    case 12: .unsigned(bits: 32)
    case 13: .unsigned(bits: 64)
    case 16: .brainFloat
    default: nil
    }
  }

  /// The file of external numbers, which must lie in the model's folder.
  private func external(_ model: String, inside: String) throws(WeightFileError) -> String {
    let location = external.last { $0.key == "location" }?.value ?? ""
    let given = URL(filePath: model)
    let folder = given.deletingLastPathComponent()
    let data = folder.appending(path: location)
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    // A link may lead to where the model's own link leads.
    let folders = [
      folder.resolvingSymlinksInPath(), given.resolvingSymlinksInPath().deletingLastPathComponent(),
    ].map { $0.path.hasSuffix("/") ? $0.path : $0.path + "/" }
    let resolved = data.resolvingSymlinksInPath().path
    guard !location.isEmpty, !location.hasPrefix("/"), !parts.contains(".."),
      folders.contains(where: resolved.hasPrefix)
    else {
      throw .refused(
        file: model, inside: inside,
        reason:
          "its numbers are said to lie in '\(location.prefix(200))', which is not in the model's folder"
      )
    }
    return data.path
  }

  private func externalPlace(
    in file: String, inside: String, of model: String
  ) throws(WeightFileError) -> SkeletonPlace {
    let length = try FileHead(of: file).length
    func number(_ key: String) throws(WeightFileError) -> UInt64? {
      guard let text = external.last(where: { $0.key == key })?.value else { return nil }
      if let number = UInt64(text) { return number }
      throw .corrupt(
        file: model, inside: inside, reason: "\(key) '\(text.prefix(50))' is no number")
    }
    var place = SkeletonPlace()
    place.offset = try number("offset") ?? 0
    place.length = try number("length") ?? length - min(length, place.offset)
    place.packed = true
    guard place.offset <= length, place.length <= length - place.offset else {
      throw .corrupt(
        file: model, inside: inside,
        reason: """
          its \(place.length) bytes from byte \(place.offset) on reach beyond the \(length) of \(file)
          """)
    }
    return place
  }
}
