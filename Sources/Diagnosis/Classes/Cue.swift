/// What of a picture may tell a network its class.
public enum Cue: String, Sendable, Hashable, Codable, CaseIterable {
  /// Which colours there are.
  case colour
  /// Where in the picture things are.
  case position
  /// How the parts of the picture lie to each other.
  case arrangement
  /// Edges and texture finer than a thirtieth of the side.
  case detail

  /// Ways of taking the cue away and leaving the others as they are, as far as that goes.
  public var alterations: [Alteration] {
    switch self {
    case .colour: [.grey] + [60, 120, 180, 240, 300].map { .hue(degrees: $0) }
    case .position:
      [.mirror]
        + [(0.25, 0), (0.5, 0.5), (0, 0.5), (0.75, 0.25)].map { .shift(down: $0, right: $1) }
    case .arrangement: [.shuffle(squares: 4, seed: 1), .shuffle(squares: 4, seed: 2)]
    case .detail: [.blur(share: 1.0 / 32)]
    }
  }

  /// How pictures look without it.
  public var removal: String {
    switch self {
    case .colour: "grey or in other hues"
    case .position: "moved or mirrored"
    case .arrangement: "its squares shuffled"
    case .detail: "blurred"
    }
  }
}
