import Engine
import PretrainedNets

/// What pictures of a class owe its probability to: how much goes with each cue that is taken away, and
/// how much pictures of other classes gain by being given one.
public struct CueStudy: Sendable {
  public let classIndex: Int
  /// Pictures of the class, `[1, 3, H, W]`, 0 ... 1.
  public let pictures: [Tensor]
  /// The mean probability of the class in them.
  public let probability: Float
  /// The same without each cue.
  public let without: [Cue: Float]
  /// The one place in all of the pictures that costs most when it is covered.
  public let place: Place
  /// How much pictures of other classes gain by the class's mean colour; `nil` where there are none.
  public let colourGain: Float?

  /// A rectangle, the same in every picture.
  public struct Place: Sendable {
    public let region: Region
    /// The mean probability of the class with other parts of the same pictures in its stead.
    public let covered: Float
    /// The median of that over all places: what the covering itself costs, anywhere.
    public let coveredElsewhere: Float
    /// How much pictures of other classes gain by it; `nil` where there are none.
    public let gain: Float?
    /// The index of the picture that loses most by the covering.
    public let example: Int
  }

  /// - Parameters:
  ///   - classIndex: the class.
  ///   - pictures: of the class, one or more, all of one shape.
  ///   - others: of other classes, of the same shape.
  ///   - classifier: what is studied.
  /// - Throws: as ``CompiledClassifier/probabilities(of:)``.
  public init(
    ofClass classIndex: Int, in pictures: [Tensor], others: [Tensor],
    by classifier: CompiledClassifier
  ) throws {
    precondition(!pictures.isEmpty, "a class is studied in pictures")
    func measured(_ pictures: [Tensor]) throws -> [Float] {
      try pictures.map { try classifier.probabilities(of: $0)[classIndex] }
    }
    let own = try measured(pictures)
    let elsewhere = try measured(others)
    func gain(_ altered: [Tensor]) throws -> Float? {
      altered.isEmpty ? nil : mean(try measured(altered)) - mean(elsewhere)
    }
    var without: [Cue: Float] = [:]
    for cue in Cue.allCases {
      without[cue] = mean(
        try measured(cue.alterations.flatMap { alteration in pictures.map { alteration($0) } }))
    }
    let colour = Chroma(meanOf: pictures)
    colourGain = try gain(others.map { $0.painted(colour) })
    (self.classIndex, self.pictures, self.without) = (classIndex, pictures, without)
    probability = mean(own)

    let covered = try Self.places(in: pictures[0].shape).map { region in
      let probabilities = try measured(pictures.map { $0.covering(region) })
      return (region: region, probabilities: probabilities, mean: mean(probabilities))
    }.sorted { $0.mean < $1.mean }
    let least = covered[0]
    let losses = zip(own, least.probabilities).map { $0 - $1 }
    let example = losses.indices.max { losses[$0] < losses[$1] } ?? 0
    place = Place(
      region: least.region, covered: least.mean,
      coveredElsewhere: covered[covered.count / 2].mean,
      gain: try gain(
        others.enumerated().map { index, other in
          other.replacing(least.region, from: pictures[index % pictures.count])
        }), example: example)
  }

  /// How much of the probability goes with the cue.
  public func loss(without cue: Cue) -> Float { probability - (without[cue] ?? probability) }

  /// Squares of a quarter of the sides, each half over the next.
  private static func places(in shape: Shape) -> [Region] {
    func starts(_ extent: Int) -> [Range<Int>] {
      let side = max(1, extent / 4)
      return stride(from: 0, through: extent - side, by: max(1, side / 2)).map { $0..<$0 + side }
    }
    return starts(shape[2]).flatMap { rows in
      starts(shape[3]).map { Region(rows: rows, columns: $0) }
    }
  }
}

/// Of numbers; 0 of none.
func mean(_ numbers: [Float]) -> Float {
  numbers.isEmpty ? 0 : numbers.reduce(0, +) / Float(numbers.count)
}

extension Tensor {
  /// The picture with a part from half a picture away in the stead of a rectangle.
  func covering(_ region: Region) -> Tensor {
    replacing(region, from: Alteration.shift(down: 0.5, right: 0.5)(self))
  }
}
