import DIP

extension Iterate {
  /// The energy's further scalars, by names for people.
  var numbers: [(name: String, value: Double)] {
    observed.map { ($0.name.replacing("_", with: " "), Double($0.value)) }
  }
}
