import ArgumentParser

/// What is named by `NAME[:WEIGHT],…`; a weight is 1 where none is given, and may be negative.
struct WeightedNames: ExpressibleByArgument {
  var terms: [(name: String, weight: Float)] = []

  init?(argument: String) {
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
      let weight = pieces.count == 2 ? Float(pieces[1]) : 1
      guard let name = pieces.first, !name.isEmpty, pieces.count <= 2, let weight,
        weight.isFinite, weight != 0
      else { return nil }
      terms.append((String(name), weight))
    }
  }
}
