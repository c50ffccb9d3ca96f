import DIP
import Diagnosis
import Engine
import Imaging
import Inversion
import PretrainedNets
import ShippedFiles
import TestSupport
import Testing
import Textures

@Suite("What layers keep")
struct LayerSurveyTests {
  private static func picture() throws -> Tensor {
    Architecture.textures.fit(try Picture(contentsOf: ShippedFiles.picture.path))
  }

  @Test("a survey tells of each layer and prior what its picture measures")
  func entries() throws {
    let threads = try ThreadPool(threads: 2)
    let (classifier, picture) = (try Classifier.shipped(.textures), try Self.picture())
    var seen: [Int] = []
    let survey = try LayerSurvey(
      of: picture, at: ["pool1", "fc8"], of: classifier, priors: [.tv, .decoder], seed: 3,
      threads: threads,
      prepared: { search in
        var search = search
        search.plan.iterations = search.plan.phases.count > 1 ? 350 : 60
        return search
      },
      observe: { number, count, _, _ in
        #expect(count == 4)
        if seen.last != number { seen.append(number) }
      })
    #expect(seen == [0, 1, 2, 3])
    #expect(survey.entries.map(\.layer) == ["pool1", "pool1", "fc8", "fc8"])
    #expect(survey.entries.map(\.trial.prior) == [.tv, .decoder, .tv, .decoder])
    #expect(survey.references.count == 4 && survey.references.areQuarters)
    for entry in survey.entries {
      let codes = try [entry.trial.picture, picture].map {
        try #require(
          try classifier.features(of: $0, at: [entry.layer], threads: threads)[entry.layer])
      }
      let square = zip(codes[0].elements, codes[1].elements).reduce(0.0) {
        $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
      }
      // The result is clamped after it was measured, and total variation's is seen with jitter.
      let relative = square / codes[1].squaredNorm
      #expect(abs(Double(entry.relativeError) - relative) < 0.02 + 0.1 * relative)
      let distances = try FeatureDistances(
        picture.quarters(), at: [entry.layer], of: classifier, threads: threads)
      let scale = try #require(distances.meanSquares[entry.layer])
      let expected = Double(entry.relativeError) * codes[1].squaredNorm / scale
      #expect(abs(Double(entry.distanceError) - expected) < 1e-4 * expected)
      #expect(entry.psnr == psnr(entry.trial.picture, picture))
      #expect(entry.predictions.count == 5)
    }
    // The first layers keep the picture, the last ones keep the class.
    let (early, late) = (survey.entries[0], survey.entries[2])
    #expect(early.fidelity.detailCorrelation > late.fidelity.detailCorrelation + 0.1)
    #expect(late.predictions.first?.index == 4)
    #expect(early.relativeError < 0.2 && late.relativeError < 0.05)
    #expect(survey.last.map(\.layer) == ["fc8", "fc8"])
  }

  @Test("distances are the mean of all pairs")
  func distances() throws {
    let threads = try ThreadPool(threads: 2)
    let classifier = try Classifier.shipped(.textures)
    let set = TextureSet(seed: 5)
    let pictures = (0..<3).map { set.picture($0, of: .dots) }
    let codes = try pictures.map {
      try #require(try classifier.features(of: $0, at: ["conv3"], threads: threads)["conv3"])
    }
    func square(_ a: Int, _ b: Int) -> Double {
      zip(codes[a].elements, codes[b].elements).reduce(0.0) {
        $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
      }
    }
    let found = try FeatureDistances(pictures, at: ["conv3"], of: classifier, threads: threads)
    let expected = (square(0, 1) + square(0, 2) + square(1, 2)) / 3
    #expect(abs(try #require(found.meanSquares["conv3"]) - expected) < 1e-6 * expected)
    #expect(found.count == 3)
  }

  @Test("a trial tells what was seen on the way, and the same seed finds the same")
  func trial() throws {
    let threads = try ThreadPool(threads: 2)
    let classifier = try Classifier.shipped(.textures)
    var search = Maximization.dip(.score(ofClass: 3), of: classifier)
    search.plan.iterations = 30
    func trial(seed: UInt64) throws -> Trial {
      try Trial(search, prior: .dip, seed: seed, snapshots: 4, threads: threads)
    }
    let found = try trial(seed: 2)
    #expect(found.iterations == 30 && found.curve.map(\.iteration) == Array(1...30))
    #expect(found.snapshots.map(\.iteration) == [1, 10, 20, 30])
    #expect(found.curve.last?.value == found.value && found.value > found.curve[0].value)
    #expect(zip(found.curve, found.curve.dropFirst()).allSatisfy { $0.seconds <= $1.seconds })
    #expect(try trial(seed: 2).picture == found.picture)
    #expect(try trial(seed: 3).picture != found.picture)
  }

  @Test("priors are compared at equal iterations and at equal time")
  func comparison() throws {
    let threads = try ThreadPool(threads: 2)
    let classifier = try Classifier.shipped(.textures)
    func compared(_ budget: Comparison.Budget) throws -> Comparison {
      try Comparison([.decoder, .tv], seeds: [5, 6], budget: budget, threads: threads) {
        .search($0, .score(ofClass: 4), of: classifier)
      }
    }
    let found = try compared(.iterations(40))
    #expect(found.trials.map(\.prior) == [.decoder, .decoder, .tv, .tv])
    #expect(found.trials.map(\.seed) == [5, 6, 5, 6])
    #expect(found.trials.allSatisfy { $0.iterations == 40 && $0.value > $0.curve[0].value })
    let table = found.table(value: "excitation", scores: [("Seed", 1, { Double($0.seed) })])
    #expect(table.rows.map(\.last) == ["5.5 ± 0.7", "5.5 ± 0.7"])
    let page = found.page(
      title: "Priors", original: nil, value: "excitation", table: table, caption: { _ in [] },
      facts: [])
    let html = try page.html()
    for chart in ["Loss over iterations", "Excitation over iterations", "Loss over seconds"] {
      #expect(html.contains("<title>\(chart), a line for each prior and seed</title>"))
    }
    // Time ends the searches, wherever they are then.
    let timed = try compared(.seconds(0.2))
    #expect(timed.trials.allSatisfy { $0.iterations >= 1 && $0.iterations < 10_000_000 })
    #expect(Comparison.spread(of: [1, 3]).mean == 2)
    #expect(Comparison.spread(of: [1, 3]).deviation == 2.0.squareRoot())
  }
}
