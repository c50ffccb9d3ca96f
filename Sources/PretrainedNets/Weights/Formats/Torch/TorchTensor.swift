/// Numbers that tensors of a PyTorch file share.
struct TorchStorage: Hashable {
  var key: String
  /// `nil` for bytes whose tensors tell the type.
  var type: WeightFile.ElementType?
  /// The number of elements, or of bytes.
  var count: Int
  /// The elements that are meant, where they are not all.
  var part: Range<Int>?

  /// The bytes of an element.
  var byteWidth: Int { type?.byteWidth ?? 1 }

  /// The types by the classes of storages and by the names of types.
  static let types: [String: WeightFile.ElementType] = [
    "torch.DoubleStorage": .floatingPoint(bits: 64), "torch.FloatStorage": .floatingPoint(bits: 32),
    "torch.HalfStorage": .floatingPoint(bits: 16), "torch.BFloat16Storage": .brainFloat,
    "torch.LongStorage": .signed(bits: 64), "torch.IntStorage": .signed(bits: 32),
    "torch.ShortStorage": .signed(bits: 16), "torch.CharStorage": .signed(bits: 8),
    "torch.ByteStorage": .unsigned(bits: 8), "torch.BoolStorage": .unsigned(bits: 8),
    "torch.float64": .floatingPoint(bits: 64), "torch.float32": .floatingPoint(bits: 32),
    "torch.float16": .floatingPoint(bits: 16), "torch.bfloat16": .brainFloat,
    "torch.int64": .signed(bits: 64), "torch.int32": .signed(bits: 32),
    "torch.int16": .signed(bits: 16), "torch.int8": .signed(bits: 8),
    "torch.uint64": .unsigned(bits: 64), "torch.uint32": .unsigned(bits: 32),
    "torch.uint16": .unsigned(bits: 16), "torch.uint8": .unsigned(bits: 8),
    "torch.bool": .unsigned(bits: 8),
  ]
}

/// A tensor of a PyTorch file: a window on a storage.
struct TorchTensor: Hashable {
  var storage: TorchStorage
  var type: WeightFile.ElementType
  /// The place of the first element in the storage, in elements.
  var offset: Int
  var extents: [Int]
  /// How many elements lie from one to the next along each axis.
  var strides: [Int]
}
