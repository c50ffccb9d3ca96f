import Engine
import Foundation
import TestSupport
import Testing

@Suite("Turning and scaling")
struct SimilarityTests {
  private static func turned(_ x: Tensor, scale: Float, angle: Float) throws -> Tensor {
    var graph = Graph()
    let (input, transform) = (graph.input(x.shape), graph.input([2]))
    let result = try graph.similarity(input, by: transform)
    let program = try Program(
      evaluating: [result], in: graph, threads: try ThreadPool(threads: 2))
    try program.set(input, to: x)
    try program.set(transform, to: Tensor([2], [scale, angle]))
    program.forward()
    return program.value(of: result)
  }

  @Test("nothing is done by scale 1 and angle 0")
  func identity() throws {
    let x = Tensor.hashed("turned", [2, 3, 6, 5], in: -1..<1)
    #expect(try Self.turned(x, scale: 1, angle: 0).elements == x.elements)
  }

  // Sines and cosines of single precision are 1e-7 off, seven pixels from the middle.
  @Test("a quarter turn of a square moves every pixel to its place")
  func quarter() throws {
    let x = Tensor.hashed("turned", [1, 2, 8, 8], in: -1..<1)
    let turned = try Self.turned(x, scale: 1, angle: .pi / 2)
    for row in 0..<8 {
      for column in 0..<8 {
        let error = abs(turned[0, 1, row, column] - x[0, 1, 7 - column, row])
        #expect(error < 1e-5, "\(row), \(column)")
      }
    }
  }

  @Test(
    "a pixel that is three wide takes every third of a ramp about the middle, and then its ends")
  func scale() throws {
    let ramp = Tensor([1, 1, 1, 9], (0..<9).map { Float($0) })
    let found = try Self.turned(ramp, scale: 3, angle: 0)
    #expect(found.elements == [0, 0, 0, 1, 4, 7, 8, 8, 8])
  }
}
