import Engine

/// A file of weights: what it holds, and how its names and kernels are laid out.
///
/// Only the names and shapes are read when the value is made; the numbers are read when asked for.
public struct WeightFile: Sendable {
  let archive: any TensorArchive
  let layout: any WeightLayout
  let index: EntryIndex
  /// Whether kernels are turned by 180° besides what the layout says.
  package var turnsKernels = false
  /// Whether rows of dense layers have their features in the other order than the layout says.
  package var swapsRows = false

  /// A tensor of the file.
  public struct Entry: Sendable, Equatable {
    /// The path or name inside the file.
    public let path: String
    /// One extent an axis, outermost first; none for a scalar.
    public let extents: [Int]
    /// How an element is stored.
    public let type: ElementType
  }

  /// How an element of a tensor is stored.
  public enum ElementType: Sendable, Hashable, CustomStringConvertible {
    case floatingPoint(bits: Int)
    /// The upper half of a single-precision number.
    case brainFloat
    case signed(bits: Int)
    case unsigned(bits: Int)
    /// Strings, records and whatever else is not a number.
    case other

    /// Whether an element is one number.
    public var isNumber: Bool { self != .other }

    public var description: String {
      switch self {
      case .floatingPoint(let bits): "float\(bits)"
      case .brainFloat: "bfloat16"
      case .signed(let bits): "int\(bits)"
      case .unsigned(let bits): "uint\(bits)"
      case .other: "not a number"
      }
    }
  }

  /// Reads the names and shapes of the tensors in a file.
  ///
  /// - Throws: ``WeightFileError`` where the file is missing, of another format, damaged, without
  ///   tensors or of an unknown layout.
  public init(at path: String) throws(WeightFileError) {
    let head = try FileHead(of: path)
    guard let format = TensorFormats.all.first(where: { $0.recognizes(head) }) else {
      throw .unknownFormat(file: path, format: FileSignature.format(of: head.bytes))
    }
    let archive = try format.init(head)
    let index = EntryIndex(archive.entries)
    self.init(archive, layout: try recognizedLayout(of: archive, index), index: index)
  }

  init(_ archive: any TensorArchive, layout: any WeightLayout, index: EntryIndex) {
    (self.archive, self.layout, self.index) = (archive, layout, index)
  }

  /// The path of the file.
  public var path: String { archive.path }

  /// The tensors of the file.
  public var entries: [Entry] { archive.entries }

  /// How names and kernels are laid out, in words.
  public var layoutDescription: String { layout.description }

  /// Whose conventions the file follows.
  public var family: WeightFamily { layout.family }

  /// Reads the tensors at these paths inside the file, as they are stored.
  ///
  /// - Throws: ``WeightFileError`` where one is missing, damaged or refused.
  public func tensors(at paths: [String]) throws(WeightFileError) -> [Tensor] {
    try archive.tensors(at: paths)
  }
}
