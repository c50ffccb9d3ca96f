import DIP
import Diagnosis
import Engine
import Inversion
import PretrainedNets
import TestSupport
import Testing

@Suite("Variety")
struct VarietyTests {
  private static func variety(share: Float) throws -> Variety {
    let threads = try ThreadPool(threads: 2)
    let classifier = try Classifier.shipped(.textures)
    var search = Maximization.search(.tv, .score(ofClass: 9), of: classifier)
    search.plan.iterations = 40
    var seen: [Int] = []
    let found = try Variety(
      of: search, count: 3, diversity: Diversity(layer: "conv4", share: share), prior: .tv, seed: 0,
      threads: threads
    ) { number, count, _, _ in
      if seen.last != number { seen.append(number) }
      #expect(count == 3)
    }
    #expect(seen == [0, 1, 2])
    return found
  }

  @Test("pictures are unlike each other where that is worth something, and excite all the same")
  func unlike() throws {
    let alike = try Self.variety(share: 0)
    let unlike = try Self.variety(share: 0.6)
    func most(_ variety: Variety) -> Double { variety.entries.compactMap(\.likeness).max() ?? 1 }
    #expect(most(unlike) < most(alike) - 0.01)
    // The first is sought as ever.
    #expect(alike.entries[0].trial.picture == unlike.entries[0].trial.picture)
    for entry in unlike.entries { #expect(entry.trial.value > entry.trial.curve[0].value) }
    let table = unlike.table(.init(names: (0..<16).map { "class \($0)" }))
    #expect(table.rows.count == 3)
  }

  @Test("the layer that tells is one that still sees where things are")
  func layer() throws {
    let classifier = try Classifier.shipped(.textures)
    let layer = try Diversity(of: classifier).layer
    let features = try classifier.features(
      of: Tensor([1, 3, 64, 64]), at: [layer], threads: try ThreadPool(threads: 1))
    #expect(try #require(features[layer]).shape[2] * 9 >= 64)
  }
}
