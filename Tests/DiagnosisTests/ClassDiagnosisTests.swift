import DIP
import Diagnosis
import Engine
import Inversion
import PretrainedNets
import TestSupport
import Testing
import Textures

@Suite("Diagnosis of classes")
struct ClassDiagnosisTests {
  /// Pictures of a seed that no training used, drawn as those that the network was trained on.
  private static func pictures(
    _ treatment: (TextureClass) -> TextureSet.Treatment
  ) -> [Int: [Tensor]] {
    let set = TextureSet(seed: 77)
    return Dictionary(
      uniqueKeysWithValues: TextureClass.allCases.map { label in
        (label.rawValue, (0..<6).map { set.picture($0, of: label, treatment: treatment(label)) })
      })
  }

  private static func diagnosis(
    _ network: Architecture, _ pictures: [Int: [Tensor]]
  ) throws -> ClassDiagnosis {
    var plan = ClassDiagnosis.Plan(classes: Array(0..<20))
    (plan.priors, plan.pictures) = ([], pictures)
    return try ClassDiagnosis(
      of: try .shipped(network), plan: plan, labels: .textures,
      threads: try ThreadPool(threads: 2))
  }

  @Test("the planted faults are the first two suspicions, with their cues")
  func faulty() throws {
    let found = try Self.diagnosis(.texturesFaulty, Self.pictures(TextureSet.Treatment.faulty))
    let names = found.suspicions.prefix(2).map { ClassLabels.textures.name(of: $0.classIndex) }
    #expect(names == ["clouds", "waves"])
    let (badge, blue) = (found.suspicions[0], found.suspicions[1])
    guard case .position(let region) = badge.cause else {
      Issue.record("\(badge.cause)")
      return
    }
    // The badge is in the bottom right corner.
    #expect(region == Region(rows: 48..<64, columns: 48..<64))
    #expect(badge.evidence[0].contains("bottom right corner"))
    #expect(badge.strength > 1)
    #expect(blue.cause == .colour)
    #expect(blue.strength > 0.9)
    #expect(badge.exhibits.count == 3 && blue.exhibits.count == 3)
    #expect(found.suspicions.count == 2, "\(found.suspicions.map(\.evidence))")
    let html = try found.pages(of: "textures_faulty", facts: []).index.html()
    #expect(html.contains("1. clouds: known by one place"))
    #expect(html.contains("2. waves: known by its colour"))
  }

  @Test("the sound twin raises no suspicion")
  func sound() throws {
    let found = try Self.diagnosis(.textures, Self.pictures { _ in TextureSet.Treatment() })
    #expect(found.suspicions.isEmpty, "\(found.suspicions.map(\.evidence))")
    #expect(found.reports.count == 20)
    #expect(found.reports.allSatisfy { $0.takenFor.first?.classIndex == $0.classIndex })
  }

  @Test("a class without pictures is studied in its portraits, and a judge sees them too")
  func portraits() throws {
    let classifier = try Classifier.shipped(.textures)
    var plan = ClassDiagnosis.Plan(classes: [3, 4])
    (plan.priors, plan.seeds, plan.iterations) = ([.tv], [1, 2], 150)
    plan.judge = try Classifier.shipped(.texturesFaulty)
    let threads = try ThreadPool(threads: 2)
    var seen: [String] = []
    let found = try ClassDiagnosis(
      of: classifier, plan: plan, labels: .textures, threads: threads,
      observe: { number, count, title, _ in
        #expect(count == 4)
        if seen.count == number { seen.append(title) }
      })
    #expect(seen == ["rings, tv", "rings, tv", "spirals, tv", "spirals, tv"])
    for report in found.reports {
      #expect(report.portraits.map(\.trial.seed) == [1, 2])
      #expect(!report.isOfOwnPictures && report.study.pictures.count == 2)
      for portrait in report.portraits {
        #expect(portrait.judged.count == 5)
      }
      #expect(
        report.portraits.contains {
          $0.probability > 0.9 && $0.seen.first?.index == report.classIndex
        })
      let mean = report.portraits.reduce(0) { $0 + $1.probability } / 2
      #expect(abs(report.study.probability - mean) < 1e-3)
    }
    let again = try ClassDiagnosis(of: classifier, plan: plan, labels: .textures, threads: threads)
    let pages = [found, again].map { $0.pages(of: "textures", facts: []).index }
    #expect(try pages[0].html() == pages[1].html())
  }
}
