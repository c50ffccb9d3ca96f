/// What can be wrong with a question to a classifier. Each description is one line with the remedy.
public enum ClassifierError: Error, Equatable, Sendable {
  case unknownNetwork(String, nearest: [String], known: [String])
  /// A network whose weights do not ship with the project, and none were given.
  case noWeights(network: String)
  case unknownLayer(String, network: String, nearest: [String])
  case unknownClass(String, nearest: [String], count: Int)
  /// A picture that some layer cannot take; sides in pixels.
  case pictureSize(network: String, width: Int, height: Int, expected: Int, reason: String)
  /// A file of labels with another number of lines than the network has classes.
  case labelCount(file: String, found: Int, expected: Int)
  case unreadableLabels(file: String, reason: String)
}

extension ClassifierError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownNetwork(let name, let nearest, let known):
      "there is no network '\(name)'; \(Self.suggest(nearest, else: known))"
    case .noWeights(let network):
      """
      the weights of \(network) do not ship with preimage; give a file with --weights \
      ('preimage networks fetch \(network)' gets one)
      """
    case .unknownLayer(let name, let network, let nearest):
      """
      \(network) has no layer '\(name)'; \
      \(Self.suggest(nearest, else: [])) ('preimage networks list \(network)' shows all)
      """
    case .unknownClass(let name, let nearest, let count):
      """
      there is no class '\(name)'; \(Self.suggest(nearest, else: [])) \
      (an index from 0 to \(count - 1) does too)
      """
    case .pictureSize(let network, let width, let height, let expected, let reason):
      """
      \(network) cannot take a picture of \(width)×\(height) pixels (\(reason)); \
      it was made for \(expected)×\(expected)
      """
    case .labelCount(let file, let found, let expected):
      "\(file): \(found) labels for \(expected) classes; give one line a class, in order"
    case .unreadableLabels(let file, let reason):
      "\(file): cannot be read as labels (\(reason)); give a text file of one line a class"
    }
  }

  private static func suggest(_ nearest: [String], else known: [String]) -> String {
    if !nearest.isEmpty {
      return "did you mean \(nearest.map { "'\($0)'" }.joined(separator: ", "))?"
    }
    return known.isEmpty ? "check the spelling" : "known are \(known.joined(separator: ", "))"
  }
}

/// Up to three of the candidates that are most like a misspelt name, the likest first.
///
/// A candidate is like it where one holds the other, or where the edits from one to the other
/// (Levenshtein's distance, case aside) are at most a third of its letters.
package func nearest(to name: String, among candidates: [String]) -> [String] {
  let wanted = Array(name.lowercased())
  guard !wanted.isEmpty, wanted.count <= 100 else { return [] }
  let scored = candidates.compactMap { candidate -> (name: String, distance: Int)? in
    let other = Array(candidate.lowercased())
    let distance = editDistance(wanted, other)
    let limit = max(1, max(wanted.count, other.count) / 3)
    if distance <= limit { return (candidate, distance) }
    let holds = wanted.count > 2 && candidate.lowercased().contains(name.lowercased())
    return holds ? (candidate, limit + distance) : nil
  }
  return scored.enumerated()
    .sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
    .prefix(3).map(\.element.name)
}

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let substituted = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
