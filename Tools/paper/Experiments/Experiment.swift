/// One of the papers' experiments.
protocol Experiment {
  /// The command.
  static var name: String { get }
  /// The heading on the page.
  static var title: String { get }
  static var abstract: String { get }
  /// The folders that it takes pictures from, one of which is enough; none where it needs none.
  static var folders: [String] { get }
  /// What it takes from them.
  static var pictures: String { get }

  /// - Throws: ``PaperError``, errors of reading pictures and of the search.
  static func run(in laboratory: Laboratory) throws -> Outcome
}
