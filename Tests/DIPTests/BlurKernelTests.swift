import DIP
import Engine
import Foundation
import Testing

@Suite("Blur kernels")
struct BlurKernelTests {
  private static let parametric: [(name: String, kernel: BlurKernel)] =
    (try? [
      ("gaussian", .gaussian(deviation: 1.7)), ("disc", .disc(radius: 3.3)),
      ("motion", .motion(length: 9.5, angle: 30)),
      ("motion down", .motion(length: 8, angle: -75)),
    ]) ?? []

  @Test("kernels of odd sides, symmetric about their middle, with sum 1", arguments: 0..<4)
  func symmetry(index: Int) throws {
    let kernel = try #require(
      Self.parametric.indices.contains(index) ? Self.parametric[index] : nil
    )
    .kernel
    #expect(kernel.height % 2 == 1 && kernel.width % 2 == 1)
    #expect(kernel.values.count == kernel.height * kernel.width)
    #expect(abs(kernel.values.reduce(0, +) - 1) < 1e-6)
    for (a, b) in zip(kernel.values, kernel.values.reversed()) { #expect(abs(a - b) < 1e-6) }
    // No border of zeros: the kernel is no larger than it needs to be.
    let (first, last) = (kernel.values[0..<kernel.width], kernel.height - 1)
    #expect(first.contains { $0 > 0 })
    #expect((0...last).contains { kernel.values[$0 * kernel.width] > 0 })
  }

  @Test("a Gaussian falls as it should")
  func gaussian() throws {
    let kernel = try BlurKernel.gaussian(deviation: 2)
    #expect((kernel.height, kernel.width) == (17, 17))
    let (middle, away) = (kernel.values[8 * 17 + 8], kernel.values[10 * 17 + 8])
    #expect(abs(Double(away / middle) - exp(-0.5)) < 1e-6)
    #expect(abs(Double(middle) - 1 / (8 * .pi)) < 1e-4)
  }

  @Test("a disc is even inside, and covers its edge in part")
  func disc() throws {
    let kernel = try BlurKernel.disc(radius: 4)
    #expect((kernel.height, kernel.width) == (9, 9))
    let middle = kernel.values[4 * 9 + 4]
    #expect(abs(Double(middle) * 16 * .pi - 1) < 1e-3)
    #expect(kernel.values[4 * 9 + 1] == middle)
    let edge = kernel.values[4 * 9]
    #expect(edge > 0.3 * middle && edge < 0.5 * middle)
    #expect(kernel.values[0] == 0)
    #expect(try BlurKernel.disc(radius: 0.3).values == [1])
  }

  @Test("motion is a line of its length and angle")
  func motion() throws {
    let along = try BlurKernel.motion(length: 5, angle: 0)
    #expect((along.height, along.width) == (1, 5))
    for value in along.values { #expect(abs(value - 0.2) < 1e-6) }
    #expect(try BlurKernel.motion(length: 5, angle: 180).width == 5)
    let down = try BlurKernel.motion(length: 5, angle: 90)
    #expect((down.height, down.width) == (5, 1))
    #expect(try BlurKernel.motion(length: 1, angle: 0).values == [1])
    // Counterclockwise: right is up, and the diagonal alone has weights.
    let diagonal = try BlurKernel.motion(length: 7, angle: 45)
    #expect((diagonal.height, diagonal.width) == (5, 5))
    for y in 0..<5 {
      for x in 0..<5 { #expect((diagonal.values[5 * y + x] > 0) == (x + y == 4)) }
    }
  }

  @Test("pictures are divided by their sum")
  func pictures() throws {
    let kernel = try BlurKernel(Tensor([1, 1, 1, 3], [0.5, 1, 0.5]))
    #expect(kernel.values == [0.25, 0.5, 0.25])
  }

  @Test("kernels that do not serve are told")
  func errors() throws {
    func check(_ error: BlurKernelError, _ make: () throws -> BlurKernel) {
      #expect(throws: error) { try make() }
    }
    check(.evenSides(width: 4, height: 3)) { try BlurKernel(Tensor([1, 1, 3, 4])) }
    check(.evenSides(width: 3, height: 2)) { try BlurKernel(Tensor([1, 1, 2, 3])) }
    check(.tooLarge(width: 257, height: 1)) { try BlurKernel(Tensor([1, 1, 1, 257])) }
    check(.black) { try BlurKernel(Tensor([1, 1, 3, 3])) }
    check(.notWeights) { try BlurKernel(Tensor([1, 1, 1, 3], [1, -1, 1])) }
    check(.notWeights) { try BlurKernel(Tensor([1, 1, 1, 3], [1, .infinity, 1])) }
    check(.parameter("deviation", 0, above: 0, limit: 31)) { try .gaussian(deviation: 0) }
    check(.parameter("deviation", 32, above: 0, limit: 31)) { try .gaussian(deviation: 32) }
    check(.parameter("radius", -1, above: 0, limit: 127)) { try .disc(radius: -1) }
    check(.parameter("radius", .infinity, above: 0, limit: 127)) { try .disc(radius: .infinity) }
    #expect(throws: BlurKernelError.self) { try BlurKernel.gaussian(deviation: .nan) }
    #expect(throws: BlurKernelError.self) { try BlurKernel.motion(length: 0.5, angle: 0) }
    #expect(throws: BlurKernelError.self) { try BlurKernel.motion(length: 5, angle: 361) }
    #expect(
      "\(BlurKernelError.parameter("radius", 128, above: 0, limit: 127))"
        == "cannot blur by a radius of 128.0; give one above 0.0 and up to 127.0")
    #expect(
      "\(BlurKernelError.parameter("length", 0, above: 1.0.nextDown, limit: 255))"
        == "cannot blur by a length of 0.0; give one from 1.0 to 255.0")
  }
}
