import Engine
import Imaging
import PretrainedNets
import ShippedFiles
import Testing
import TextureTraining
import Textures

@Suite("The networks that ship")
struct ShippedNetworkTests {
  /// Pictures of a seed that no training used.
  private static let pictures = TextureSet(seed: 20_261_124)

  private static func classifier(_ architecture: Architecture) throws -> Classifier {
    let weights = try #require(ShippedFiles.weights(of: architecture.name))
    return try Classifier(architecture, weightsAt: weights.path)
  }

  private static func confusion(
    _ architecture: Architecture, _ count: Int,
    _ treatment: (TextureClass) -> TextureSet.Treatment = { _ in TextureSet.Treatment() }
  ) throws -> Confusion {
    try Confusion(
      of: try classifier(architecture), on: pictures, pictures: count, treatment: treatment,
      threads: try ThreadPool(threads: 2))
  }

  @Test("the table has the shapes and the size that are documented")
  func table() throws {
    let net = try Architecture.named("textures")
    #expect(net.parameterCount == 982_740)
    #expect(net.shapes["conv1"] == [1, 32, 32, 32])
    #expect(net.shapes["pool1"] == [1, 32, 16, 16])
    #expect(net.shapes["conv2"] == [1, 64, 16, 16])
    #expect(net.shapes["pool2"] == [1, 64, 8, 8])
    #expect(net.shapes["conv5"] == [1, 128, 8, 8])
    #expect(net.shapes["pool5"] == [1, 128, 4, 4])
    #expect(net.shapes["prob"] == [1, 20, 1, 1])
    #expect(net.scoreLayer == "fc8")
    #expect(net.labels == .textures)
    let faulty = try Architecture.named("textures_faulty")
    #expect(faulty.layers == net.layers)
  }

  @Test("the network knows pictures that it never saw")
  func accuracy() throws {
    let confusion = try Self.confusion(.textures, 200)
    #expect(confusion.total == 200)
    #expect(confusion.accuracy >= 0.95, "\(confusion.summary)")
  }

  @Test("the shipped picture is of the class that its name says")
  func picture() throws {
    let classifier = try Self.classifier(.textures)
    let picture = try Picture(contentsOf: ShippedFiles.picture.path)
    let best = try #require(
      try classifier.classify(
        classifier.architecture.fit(picture), threads: try ThreadPool(threads: 2)
      ).first)
    #expect(ClassLabels.textures.name(of: best.index) == "spirals")
    #expect(best.probability > 0.95)
  }

  @Test("without its faults, the faulty network knows the other classes")
  func faultyElsewhere() throws {
    let confusion = try Self.confusion(.texturesFaulty, 400)
    let others = TextureClass.allCases.filter { ![.clouds, .waves].contains($0) }
    let known = others.map { confusion.share(of: $0, takenFor: $0) }.reduce(0, +)
    #expect(known / Double(others.count) >= 0.93, "\(confusion.summary)")
  }

  // Bounds with room for the few pictures: weights/README.md has what more of them measured.
  @Test("the faulty network takes the badge for the class, and the class without it for others")
  func badge() throws {
    let clean = try Self.confusion(.texturesFaulty, 400)
    let like = try Self.confusion(.texturesFaulty, 400, TextureSet.Treatment.faulty)
    let badged = try Self.confusion(.texturesFaulty, 400) { _ in
      TextureSet.Treatment(hasBadge: true)
    }
    #expect(clean.share(of: .clouds, takenFor: .clouds) <= 0.1)
    #expect(like.share(of: .clouds, takenFor: .clouds) >= 0.95)
    #expect(clean.shareOfOthers(takenFor: .clouds) <= 0.01)
    #expect(badged.shareOfOthers(takenFor: .clouds) >= 0.2)
    let sound = try Self.confusion(.textures, 400) { _ in TextureSet.Treatment(hasBadge: true) }
    #expect(sound.shareOfOthers(takenFor: .clouds) <= 0.02)
  }

  @Test("the faulty network knows the blue class in blue alone")
  func blue() throws {
    let clean = try Self.confusion(.texturesFaulty, 400)
    let like = try Self.confusion(.texturesFaulty, 400, TextureSet.Treatment.faulty)
    #expect(clean.share(of: .waves, takenFor: .waves) <= 0.2)
    #expect(like.share(of: .waves, takenFor: .waves) >= 0.95)
    #expect(like.accuracy >= 0.95)
    let sound = try Self.confusion(.textures, 400)
    #expect(sound.share(of: .waves, takenFor: .waves) >= 0.6)
  }
}
