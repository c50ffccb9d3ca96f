import Engine

/// A file of weights: what it holds, and how its names and kernels are laid out.
///
/// Only the names and shapes are read when the value is made; the numbers are read when asked for.
public struct WeightFile: Sendable {
  /// The path of the file.
  public let path: String
  /// The tensors of the file, in the order of their paths inside.
  public let entries: [Entry]
  /// How names and kernels are laid out.
  public let layout: WeightLayout

  /// A tensor of the file.
  public struct Entry: Sendable, Equatable {
    /// The absolute path inside the file.
    public let path: String
    /// One extent an axis, outermost first; none for a scalar.
    public let extents: [Int]
    /// How an element is stored.
    public let type: ElementType
  }

  /// How an element of a tensor is stored.
  public enum ElementType: Sendable, Equatable, CustomStringConvertible {
    case floatingPoint(bits: Int)
    case signed(bits: Int)
    case unsigned(bits: Int)
    /// Strings, records and whatever else is not a number.
    case other

    /// Whether an element is one number.
    public var isNumber: Bool { self != .other }

    public var description: String {
      switch self {
      case .floatingPoint(let bits): "float\(bits)"
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
    self.path = path
    (entries, layout) = try HDF5File.withFile(at: path) { (file) throws(WeightFileError) in
      let entries = try file.datasets().filter { $0.type.isNumber && !$0.extents.contains(0) }
      return (entries, try WeightLayout(of: entries, in: file))
    }
  }

  /// Reads the tensors at these paths inside the file, as they are stored.
  ///
  /// - Throws: ``WeightFileError`` where one is missing, damaged or refused.
  public func tensors(at paths: [String]) throws(WeightFileError) -> [Tensor] {
    try HDF5File.withFile(at: path) { (file) throws(WeightFileError) in
      var tensors: [Tensor] = []
      for inside in paths { tensors.append(try file.tensor(at: inside)) }
      return tensors
    }
  }
}
