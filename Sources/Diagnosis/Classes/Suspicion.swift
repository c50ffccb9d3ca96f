import Engine

/// Something that may be wrong with a class, and the evidence for it.
public struct Suspicion: Sendable {
  public let classIndex: Int
  public let cause: Cause
  /// What the class loses without the cue, and what others gain by it, in probability: 0 ... 2.
  public let strength: Float
  /// Sentences with figures.
  public let evidence: [String]
  /// Pictures that show it, with what they show.
  public let exhibits: [(picture: Tensor, caption: String)]

  public enum Cause: Sendable, Hashable {
    /// The class is known by its colour.
    case colour
    /// The class is known by what is at one place.
    case position(Region)
    /// Pictures of the class are taken for another.
    case confusion(with: Int)
    /// What excites the class most means nothing to another network.
    case noise

    /// For people.
    public var title: String {
      switch self {
      case .colour: "known by its colour"
      case .position: "known by one place"
      case .confusion: "taken for another class"
      case .noise: "excited by noise"
      }
    }
  }

  /// From this strength a suspicion is raised: half of the class's probability hangs on the cue.
  public static let threshold: Float = 0.5
}

extension CueStudy {
  /// From this gain on a cue convinces by itself.
  private static let leastGain: Float = 0.1

  /// What the study makes suspicious, the strongest first.
  ///
  /// Portraits lose by any change, as they are made for the network as they are: of them only that counts
  /// which makes pictures of other classes gain too.
  func suspicions(named name: String, arePortraits: Bool) -> [Suspicion] {
    let (height, width) = (pictures[0].shape[2], pictures[0].shape[3])
    let shown = pictures[place.example]
    var found: [Suspicion] = []
    func raise(
      _ cause: Suspicion.Cause, _ loss: Float, _ gain: Float?, _ evidence: [String],
      _ exhibits: [(picture: Tensor, caption: String)]
    ) {
      // A class that is not known in its own pictures has nothing to lose.
      guard loss >= Suspicion.threshold, !arePortraits || gain ?? 0 >= Self.leastGain else {
        return
      }
      found.append(
        Suspicion(
          classIndex: classIndex, cause: cause, strength: loss + max(gain ?? 0, 0),
          evidence: evidence, exhibits: exhibits))
    }
    let other = without[.colour] ?? 0
    raise(
      .colour, loss(without: .colour), colourGain,
      ["\(name) has \(percentage(probability)) in its own colours, \(percentage(other)) in others"]
        + (colourGain.map {
          ["pictures of other classes gain \(percentage($0)) by being painted in its mean colour"]
        } ?? []),
      [
        (shown, "as it is"), (Alteration.hue(degrees: 120)(shown), "in another hue"),
        (Alteration.grey(shown), "grey"),
      ])
    let region = place.region
    let where_ = Self.name(of: region, height: height, width: width)
    // Covering costs something anywhere. What lies at one place is lost by being moved too, or convinces by
    // itself elsewhere.
    let isPlaced =
      loss(without: .position) >= Suspicion.threshold || place.gain ?? 0 >= Self.leastGain
    raise(
      .position(region), isPlaced ? place.coveredElsewhere - place.covered : 0, place.gain,
      [
        "\(name) has \(percentage(probability)), and \(percentage(place.covered)) with the \(where_) covered: "
          + "rows \(region.rows.lowerBound) to \(region.rows.upperBound - 1), columns "
          + "\(region.columns.lowerBound) to \(region.columns.upperBound - 1); "
          + "\(percentage(place.coveredElsewhere)) with another place covered",
        "it has \(percentage(without[.position] ?? 0)) moved or mirrored",
      ]
        + (place.gain.map {
          ["pictures of other classes gain \(percentage($0)) by having that part of its pictures"]
        } ?? []),
      [
        (shown, "as it is"), (shown.covering(region), "with the \(where_) covered"),
        (
          shown.cropped(to: region).resized(toHeight: height, width: width, filter: .bilinear),
          "the \(where_)"
        ),
      ])
    return found.sorted { $0.strength > $1.strength }
  }

  /// Where in the picture a rectangle is, in words: a corner, a side or the middle.
  static func name(of region: Region, height: Int, width: Int) -> String {
    func third(_ range: Range<Int>, _ extent: Int) -> Int {
      min(2, (range.lowerBound + range.upperBound) * 3 / (2 * extent))
    }
    let row = third(region.rows, height)
    let column = third(region.columns, width)
    let down = ["top", "", "bottom"][row]
    let across = ["left", "", "right"][column]
    switch (down, across) {
    case ("", ""): return "middle"
    case ("", let side), (let side, ""): return "\(side) side"
    default: return "\(down) \(across) corner"
    }
  }
}

/// A share in hundredths.
func percentage(_ share: Float) -> String {
  let hundredths = Int((100 * share).rounded())
  return "\(hundredths) %"
}
