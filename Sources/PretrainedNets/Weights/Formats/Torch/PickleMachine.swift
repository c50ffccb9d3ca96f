/// Runs the instructions of Python's pickles as far as files of tensors need them.
///
/// The instructions are those of Python's `pickletools` up to protocol 5. Classes and functions are
/// names: the few that make tensors are understood (`PickleObjects+Calls.swift`), and whatever asks to run
/// another is refused.
struct PickleMachine {
  var objects = PickleObjects()
  private var input: PickleReader
  private var stack: [PickleValue] = []
  /// How much the stack held at each mark.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private(set) var instructionCount = 0

  /// Limits that no file of weights comes near; what a pickle can take of memory is a multiple.
  enum Limits {
    static let bytes = 1 << 24
    static let instructions = 1 << 21
  }

  init(_ bytes: [UInt8]) { input = PickleReader(bytes) }

  /// Where the next pickle begins.
  var position: Int { input.position }

  /// Runs one pickle to its end.
  mutating func run() throws(PickleProblem) -> PickleValue {
    stack = []
    marks = []
    memo = [:]
    while true {
      let (place, code) = (input.position, try input.byte())
      instructionCount += 1
      guard instructionCount <= Limits.instructions else {
        throw .refused("it has more than \(Limits.instructions) instructions")
      }
      guard let instruction = PickleInstruction(rawValue: code) else {
        throw .refused(
          """
          its instruction 0x\(String(code, radix: 16)) at byte \(place) is none that weights need
          """)
      }
      if instruction == .stop { return try pop() }
      try execute(instruction)
    }
  }

  private mutating func execute(_ instruction: PickleInstruction) throws(PickleProblem) {
    switch instruction {
    case .stop: break
    case .proto: _ = try input.byte()
    case .frame: _ = try input.take(8)
    case .mark: marks.append(stack.count)
    case .pop: if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .dup: stack.append(try top())

    case .none: stack.append(.none)
    case .newTrue, .newFalse: stack.append(.inert)
    case .binInt:
      stack.append(.integer(Int(Int32(truncatingIfNeeded: try input.unsigned(4)))))
    case .binInt1: stack.append(.integer(Int(try input.byte())))
    case .binInt2: stack.append(.integer(Int(try input.unsigned(2))))
    case .long1: stack.append(Self.integer(try input.counted(1)))
    case .long4: stack.append(Self.integer(try input.counted(4)))
    case .binFloat:
      _ = try input.take(8)
      stack.append(.inert)
    case .shortBinUnicode, .shortBinString: stack.append(.text(try input.text(1)))
    case .binUnicode, .binString: stack.append(.text(try input.text(4)))
    case .binUnicode8: stack.append(.text(try input.text(8)))
    case .shortBinBytes: stack.append(.bytes(try input.counted(1)))
    case .binBytes: stack.append(.bytes(try input.counted(4)))
    case .binBytes8, .byteArray8: stack.append(.bytes(try input.counted(8)))

    case .emptyTuple, .emptyList, .emptySet: stack.append(objects.sequence([]))
    case .tuple, .list, .frozenSet: try pushSequence(of: try popToMark())
    case .tuple1: try pushSequence(of: try pop(1))
    case .tuple2: try pushSequence(of: try pop(2))
    case .tuple3: try pushSequence(of: try pop(3))
    case .append: try add(try pop(1))
    case .appends, .addItems: try add(try popToMark())
    case .emptyDict: stack.append(objects.dictionary())
    case .dict:
      let items = try popToMark()
      stack.append(objects.dictionary())
      try set(items)
    case .setItem: try set(try pop(2))
    case .setItems: try set(try popToMark())

    case .binGet: stack.append(try remembered(Int(try input.byte())))
    case .longBinGet: stack.append(try remembered(Int(try input.unsigned(4))))
    case .binPut: memo[Int(try input.byte())] = try top()
    case .longBinPut: memo[Int(try input.unsigned(4))] = try top()
    case .memoize: memo[memo.count] = try top()

    case .global: stack.append(try Self.global([try input.line(), try input.line()]))
    case .stackGlobal: stack.append(try Self.global(try pop(2).compactMap(\.text)))
    case .binPersId: stack.append(try objects.storage(of: try pop()))
    case .reduce:
      let parts = try pop(2)
      stack.append(try objects.call(parts[0], parts[1]))
    case .newObj: stack.append(try objects.instance(of: try pop(2)[0]))
    case .newObjEx: throw objects.refusal(of: try pop(3)[0])
    case .obj:
      guard let kind = try popToMark().first else { throw .corrupt("an object of no class") }
      throw objects.refusal(of: kind)
    case .inst: throw objects.refusal(of: try Self.global([try input.line(), try input.line()]))
    case .build:
      let state = try pop()
      try objects.build(try top(), state)
    }
  }

  private mutating func pushSequence(of items: [PickleValue]) throws(PickleProblem) {
    stack.append(objects.sequence(items))
  }

  /// Adds to the list on top of the stack.
  private mutating func add(_ items: [PickleValue]) throws(PickleProblem) {
    switch try top() {
    case .sequence(let place): objects.sequences[place] += items
    case .inert, .instance: break
    default: throw .corrupt("it adds to what is no list")
    }
  }

  /// Adds keys and values in turn to the dictionary on top of the stack.
  private mutating func set(_ items: [PickleValue]) throws(PickleProblem) {
    guard items.count % 2 == 0 else { throw .corrupt("a key without a value") }
    switch try top() {
    case .dictionary(let place):
      for index in stride(from: 0, to: items.count, by: 2) {
        objects.dictionaries[place].append((items[index], items[index + 1]))
      }
    case .inert, .instance: break
    default: throw .corrupt("it adds to what is no dictionary")
    }
  }

  private static func global(_ names: [String]) throws(PickleProblem) -> PickleValue {
    // Names can be recalled and joined again and again.
    guard names.count == 2, names.allSatisfy({ $0.utf8.count <= WeightFile.Limits.nameBytes })
    else { throw .corrupt("a class or function without a name that could be one") }
    return .global(names[0] + "." + names[1])
  }

  private func remembered(_ key: Int) throws(PickleProblem) -> PickleValue {
    guard let value = memo[key] else { throw .corrupt("it recalls \(key), which it never kept") }
    return value
  }

  private func top() throws(PickleProblem) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else { throw Self.underflow }
    return value
  }

  private mutating func pop() throws(PickleProblem) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func pop(_ count: Int) throws(PickleProblem) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw Self.underflow }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(PickleProblem) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw Self.underflow }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private static let underflow = PickleProblem.corrupt("it takes more than it has put down")

  /// An integer in two's complement.
  private static func integer(_ bytes: ArraySlice<UInt8>) -> PickleValue {
    guard bytes.count <= 8 else { return .bytes(bytes) }
    let fill: UInt64 = bytes.last.map { $0 >= 0x80 } == true ? .max : 0
    let bits = bytes.reversed().reduce(fill) { $0 << 8 | UInt64($1) }
    return .integer(Int(truncatingIfNeeded: bits))
  }
}

/// The instructions that are run, by their codes.
enum PickleInstruction: UInt8 {
  case mark = 0x28
  case emptyTuple = 0x29
  case stop = 0x2e
  case pop = 0x30
  case popMark = 0x31
  case dup = 0x32
  case binBytes = 0x42
  case shortBinBytes = 0x43
  case binFloat = 0x47
  case binInt = 0x4a
  case binInt1 = 0x4b
  case binInt2 = 0x4d
  case none = 0x4e
  case binPersId = 0x51
  case reduce = 0x52
  case binString = 0x54
  case shortBinString = 0x55
  case binUnicode = 0x58
  case emptyList = 0x5d
  case append = 0x61
  case build = 0x62
  case global = 0x63
  case dict = 0x64
  case appends = 0x65
  case binGet = 0x68
  case inst = 0x69
  case longBinGet = 0x6a
  case list = 0x6c
  case obj = 0x6f
  case binPut = 0x71
  case longBinPut = 0x72
  case setItem = 0x73
  case tuple = 0x74
  case setItems = 0x75
  case emptyDict = 0x7d
  case proto = 0x80
  case newObj = 0x81
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case newTrue = 0x88
  case newFalse = 0x89
  case long1 = 0x8a
  case long4 = 0x8b
  case shortBinUnicode = 0x8c
  case binUnicode8 = 0x8d
  case binBytes8 = 0x8e
  case emptySet = 0x8f
  case addItems = 0x90
  case frozenSet = 0x91
  case newObjEx = 0x92
  case stackGlobal = 0x93
  case memoize = 0x94
  case frame = 0x95
  case byteArray8 = 0x96
}
