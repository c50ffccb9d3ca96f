import Imaging

/// What can be wrong with a file of weights. Each description is one line that names the file, what
/// was expected, what was found and what to do.
public enum WeightFileError: Error, Equatable, Sendable {
  /// There is no file at this path.
  case missing(file: String)
  /// The path is that of a folder or a device.
  case notAFile(file: String)
  /// The system does not let the file be read.
  case unreadable(file: String, reason: String)
  /// The file has no bytes.
  case empty(file: String)
  /// The file is of another format, named where it is recognised.
  case unknownFormat(file: String, format: String?)
  /// The file is shorter than its own header says; both in bytes.
  case truncated(file: String, expected: UInt64, found: UInt64)
  /// The file, or the object at the path inside, cannot be understood.
  case corrupt(file: String, inside: String, reason: String)
  /// The object at the path inside is refused, for the reason given.
  case refused(file: String, inside: String, reason: String)
  /// A node of the graph in the file is damaged, or not supported.
  case node(file: String, node: String, problem: String)
  /// The file has no tensor of numbers.
  case noTensors(file: String)
  /// The file has no tensor at the path inside.
  case noTensor(file: String, inside: String)
  /// The names inside are of no known layout.
  case unknownLayout(file: String, example: String)
  /// A tensor has another shape than the network needs.
  case shape(file: String, inside: String, expected: [Int], found: [Int], network: String)
  /// A tensor has an element that is not a finite number.
  case notFinite(file: String, inside: String, element: Int)
  /// The file has no weights of a layer; `held` are the layers it has, `upTo` is the last layer
  /// that can be asked for.
  case missingLayer(file: String, layer: String, held: [String], upTo: String?, network: String)
}

extension WeightFileError: CustomStringConvertible {
  /// Names come from the file, whatever is in them.
  public var description: String { text.onOneLine }

  private var text: String {
    switch self {
    case .missing(let file):
      "\(file): there is no such file; check the path of the weights"
    case .notAFile(let file):
      "\(file): a folder or a device, not a file; give the path of a file of weights"
    case .unreadable(let file, let reason):
      "\(file): cannot be read (\(reason)); check its permissions"
    case .empty(let file):
      "\(file): the file is empty; fetch it again"
    case .unknownFormat(let file, let format):
      """
      \(file): \(format ?? "of no format that is known"), not a file of weights; \
      give \(Self.formats)
      """
    case .truncated(let file, let expected, let found):
      "\(file): cut short: \(found) bytes of \(expected) are there; fetch it again"
    case .corrupt(let file, let inside, let reason):
      "\(file): damaged at \(inside): \(reason); fetch it again"
    case .refused(let file, let inside, let reason):
      "\(file): \(inside) is refused: \(reason)"
    case .node(let file, let node, let problem):
      "\(file): node '\(node)' \(problem)"
    case .noTensors(let file):
      "\(file): there is no tensor of numbers in it; give a file of weights"
    case .noTensor(let file, let inside):
      "\(file): there is no tensor at \(inside)"
    case .unknownLayout(let file, let example):
      """
      \(file): the names inside (such as \(example)) are neither Caffe's (/data/<layer>/0) nor \
      Keras's (/<layer>/…/kernel:0) nor PyTorch's (<layer>.weight); rename the tensors
      """
    case .shape(let file, let inside, let expected, let found, let network):
      """
      \(file): \(inside) has the shape \(found), \(network) needs \(expected); \
      give the weights of \(network)
      """
    case .notFinite(let file, let inside, let element):
      "\(file): element \(element) of \(inside) is not a finite number; fetch the file again"
    case .missingLayer(let file, let layer, let held, let upTo, let network):
      Self.describeMissing(file: file, layer: layer, held: held, upTo: upTo, network: network)
    }
  }

  /// The formats that can be read, in words.
  package static let formats =
    "HDF5 as Caffe or Keras writes it, .caffemodel, safetensors, a state dictionary of PyTorch (.pth), "
    + "or ONNX"

  private static func describeMissing(
    file: String, layer: String, held: [String], upTo: String?, network: String
  ) -> String {
    guard let first = held.first, let last = held.last else {
      return "\(file): holds no layer of \(network); give the weights of \(network)"
    }
    let range = held.count == 1 ? first : "\(first) … \(last)"
    let remedy = upTo.map { "ask for a layer up to \($0) or give a complete file" }
    return """
      \(file): holds \(range) of \(network); \(layer) is missing; \
      \(remedy ?? "give a complete file")
      """
  }
}
