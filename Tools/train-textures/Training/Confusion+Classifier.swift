import Engine
import PretrainedNets
import Textures

extension Confusion {
  /// Counts what a classifier of textures takes pictures for.
  ///
  /// - Parameters:
  ///   - classifier: a network with the classes of ``TextureClass``.
  ///   - set: the pictures.
  ///   - count: how many, rounded up to whole batches of one picture a class.
  ///   - treatment: what is done to the pictures of a class.
  ///   - threads: what the work is spread over.
  /// - Throws: what building the network throws.
  package init(
    of classifier: Classifier, on set: TextureSet, pictures count: Int,
    treatment: (TextureClass) -> TextureSet.Treatment = { _ in TextureSet.Treatment() },
    threads: ThreadPool
  ) throws {
    self.init()
    let side = classifier.architecture.inputSize
    let batch = TextureClass.allCases.count
    let layer = classifier.architecture.scoreLayer
    var graph = Graph()
    let pictures = graph.input([batch, 3, side, side])
    let nodes = try classifier.build(in: &graph, from: pictures, upTo: [layer])
    let scores = nodes.values.map { $0 }
    let program = try Program(evaluating: scores, in: graph, threads: threads)
    for first in stride(from: 0, to: count, by: batch) {
      let numbers = first..<first + batch
      program.withUnsafeMutableInput(pictures) { target in
        set.draw(numbers, side: side, into: target, treatment: treatment, threads: threads)
      }
      program.forward()
      for node in scores { program.withSpan(of: node) { add($0, of: numbers) } }
    }
  }
}
