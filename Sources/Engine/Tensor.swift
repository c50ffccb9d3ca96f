import Foundation

/// A dense array of single-precision numbers: a value with copy-on-write storage.
///
/// Elements lie in row-major order, the last axis fastest. The storage is aligned to 64 bytes.
public struct Tensor: Sendable {
  public let shape: Shape
  private var storage: TensorStorage

  /// Makes a tensor with every element equal to `value`.
  public init(_ shape: Shape, repeating value: Float = 0) {
    self.shape = shape
    storage = TensorStorage(count: shape.count)
    storage.elements.initialize(repeating: value)
  }

  /// Makes a tensor of `elements`, given in row-major order.
  ///
  /// - Precondition: there are as many elements as the shape holds.
  public init(_ shape: Shape, _ elements: [Float]) {
    precondition(elements.count == shape.count, "\(elements.count) elements for shape \(shape)")
    self.shape = shape
    storage = TensorStorage(count: shape.count)
    _ = storage.elements.initialize(from: elements)
  }

  /// Makes a scalar.
  public init(_ value: Float) { self.init([], [value]) }

  /// The elements in row-major order, copied.
  public var elements: [Float] { withUnsafeElements { Array($0) } }

  /// The element at `index`, one number an axis.
  public subscript(_ index: Int...) -> Float {
    get { storage.elements[offset(of: index)] }
    set {
      let offset = offset(of: index)
      withUnsafeMutableElements { $0[offset] = newValue }
    }
  }

  /// Calls `body` with the elements in row-major order.
  public func withSpan<R>(_ body: (Span<Float>) throws -> R) rethrows -> R {
    try withUnsafeElements { try body($0.span) }
  }

  /// Calls `body` with the elements in row-major order, to be changed in place.
  public mutating func withMutableSpan<R>(
    _ body: (inout MutableSpan<Float>) throws -> R
  ) rethrows -> R {
    try withUnsafeMutableElements { elements in
      var span = elements.mutableSpan
      return try body(&span)
    }
  }

  /// Takes over the elements of a tensor of the same shape, in the storage that is there.
  package mutating func overwrite(with other: Tensor) {
    precondition(shape == other.shape, "\(other.shape) does not go into \(shape)")
    other.withUnsafeElements { elements in
      withUnsafeMutableElements { _ = $0.update(from: elements) }
    }
  }

  /// The same elements under another shape of the same count.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(shape.count == self.shape.count, "cannot reshape \(self.shape) to \(shape)")
    return Tensor(shape: shape, storage: storage)
  }

  private init(shape: Shape, storage: TensorStorage) {
    self.shape = shape
    self.storage = storage
  }

  private func offset(of index: [Int]) -> Int {
    precondition(index.count == shape.rank, "\(index.count) indices for shape \(shape)")
    var offset = 0
    for (position, extent) in zip(index, shape.extents) {
      precondition(position >= 0 && position < extent, "index \(index) outside \(shape)")
      offset = offset * extent + position
    }
    return offset
  }
}

// The unsafe door of tensors: pointers do not leave the closures.
extension Tensor {
  /// Makes a tensor whose elements `body` writes, all of them: nothing has been written before.
  package init<Failure: Error>(
    _ shape: Shape,
    writtenBy body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    self.init(shape: shape, storage: TensorStorage(count: shape.count))
    try body(storage.elements)
  }

  package func withUnsafeElements<R>(
    _ body: (UnsafeBufferPointer<Float>) throws -> R
  ) rethrows -> R {
    try withExtendedLifetime(storage) { try body(UnsafeBufferPointer(storage.elements)) }
  }

  package mutating func withUnsafeMutableElements<R>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
  ) rethrows -> R {
    if !isKnownUniquelyReferenced(&storage) { storage = TensorStorage(copying: storage) }
    return try withExtendedLifetime(storage) { try body(storage.elements) }
  }
}

extension Tensor: Equatable {
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape
      && a.withUnsafeElements { x in b.withUnsafeElements { y in x.elementsEqual(y) } }
  }
}

extension Tensor: CustomStringConvertible {
  public var description: String {
    let head = withUnsafeElements { $0.prefix(8).map { "\($0)" }.joined(separator: ", ") }
    return "Tensor\(shape)(\(head)\(shape.count > 8 ? ", …" : ""))"
  }
}

/// The memory of a tensor. Immutable once shared: ``Tensor`` copies it before writing unless it is
/// the only owner, which is what makes the unchecked conformance sound.
private final class TensorStorage: @unchecked Sendable {
  let elements: UnsafeMutableBufferPointer<Float>

  init(count: Int) {
    // A huge page is a small part of what it is rounded up for.
    guard let memory = Memory.allocate(count, hugeFrom: 1 << 23) else {
      fatalError("no memory for \(count) numbers")
    }
    elements = UnsafeMutableBufferPointer(start: memory, count: count)
  }

  convenience init(copying other: TensorStorage) {
    self.init(count: other.elements.count)
    _ = elements.initialize(from: other.elements)
  }

  deinit { free(elements.baseAddress) }
}
