import Engine
import Foundation
import Testing

@Suite struct ConvolutionReportTests {
  @Test("shapes are counted together, with the passes that are run and their operations")
  func report() throws {
    var random = RandomSource(seed: 1)
    var graph = Graph()
    let input = graph.input([1, 16, 32, 32])
    func weights(_ name: String, _ shape: Shape) throws -> Graph.Node {
      try graph.parameter(name, initial: random.normal(shape))
    }
    let names = ["prior.first", "prior.second", "prior.third"]
    var x = input
    for name in names {
      let w = try weights(name, [16, 16, 3, 3])
      x = try graph.convolve(x, weights: w, padding: 1, border: .reflection)
    }
    x = try graph.convolve(x, weights: weights("frozen", [4, 8, 1, 1]), stride: 2, groups: 2)
    let loss = try graph.meanSquaredError(x, graph.constant(Tensor(x.shape)))
    let threads = try ThreadPool(threads: 1)

    let reports = try Program(minimizing: loss, over: "prior.", in: graph, threads: threads)
      .convolutions
    // The first needs no gradient to the noise that it reads, the last none to its frozen weights.
    let winograd = "Winograd F(4x4, 3x3)"
    #expect(
      reports.map(\.description) == [
        "1 × [1, 16, 32, 32] → [1, 16, 32, 32], 3×3, reflection: forward \(winograd), "
          + "weights \(winograd)",
        "2 × [1, 16, 32, 32] → [1, 16, 32, 32], 3×3, reflection: forward \(winograd), "
          + "data \(winograd), weights \(winograd)",
        "1 × [1, 16, 32, 32] → [1, 4, 16, 16], 1×1, stride 2, 2 groups: forward panels, "
          + "data panels",
      ])
    let first = 2 * 16 * 16 * 9 * 32 * 32
    let last = 2 * 4 * 8 * 16 * 16
    #expect(reports.map(\.operations) == [2 * first, 6 * first, 2 * last])
    #expect(reports.operations == 8 * first + 2 * last)

    let evaluated = try Program(evaluating: [x], in: graph, threads: threads).convolutions
    #expect(evaluated.map(\.count) == [3, 1])
    #expect(evaluated.operations == 3 * first + last)

    let json = try JSONEncoder().encode(reports)
    #expect(try JSONDecoder().decode([ConvolutionReport].self, from: json) == reports)
  }

  @Test("a pass to the data is told where only a normalisation before wants it")
  func terms() throws {
    var random = RandomSource(seed: 1)
    var graph = Graph()
    let scale = try graph.parameter("scale", initial: random.uniform([16], in: 1..<2))
    let x = try graph.batchNormalize(
      graph.input([1, 16, 32, 32]), scale: scale, shift: graph.input([16]))
    let y = try graph.convolve(x, weights: graph.input([16, 16, 3, 3]), padding: 1)
    let program = try Program(
      minimizing: graph.meanSquaredError(y, graph.constant(Tensor(y.shape))), over: "scale",
      in: graph, threads: ThreadPool(threads: 1))
    #expect(program.convolutions.map { $0.data != nil } == [true])
    #expect(program.convolutions.map { $0.weights != nil } == [false])
  }

  @Test("a convolution of what is enlarged bilinearly is told as the one that it is")
  func bilinear() throws {
    var graph = Graph()
    let small = graph.input([1, 16, 120, 116])
    let large = try graph.batchNormalize(
      graph.upsample(small, factor: 2, method: .bilinear), scale: graph.input([16]),
      shift: graph.input([16]))
    let output = try graph.convolve(
      large, weights: graph.input([8, 16, 3, 3]), padding: 1, border: .reflection)
    let program = try Program(evaluating: [output], in: graph, threads: ThreadPool(threads: 1))
    #expect(
      program.convolutions.map(\.description) == [
        "1 × [1, 16, 240, 232] → [1, 8, 240, 232], 3×3, reflection, enlarging: "
          + "forward smoothed phases, Winograd F(5x5, 2x2)"
      ])
    #expect(program.convolutions.operations == 2 * 8 * 16 * 9 * 240 * 232)
  }
}
