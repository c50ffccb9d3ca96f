import Engine
import Foundation

/// A place on a texture, in its own units: a stripe, a brick or a cell is about 1 wide.
package typealias Point = SIMD2<Float>
/// R, G, B as they are stored, 0 ... 1.
package typealias Colour = SIMD3<Float>

/// A pattern that covers the plane.
///
/// What tells it from others is its form alone: colours come from outside, and so do turn, scale,
/// place and light.
protocol Texture {
  /// How many units the picture's side may span.
  static var span: Range<Float> { get }

  /// Chooses among the variations of the pattern.
  init(random: inout RandomSource)

  /// The colour at a point.
  func colour(at point: Point, in palette: Palette) -> Colour
}

/// 2π.
let turn = 2 * Float.pi

/// The part after the point, 0 ..< 1, of negative numbers too.
func fraction(_ value: Float) -> Float { value - value.rounded(.down) }

/// The distance to the nearest whole number, 0 ... 1/2.
func distanceToWhole(_ value: Float) -> Float { abs(value - value.rounded()) }

/// 0 before the edge, 1 after it, over a small step: a sharp edge that samples average well.
func edge(_ at: Float, _ value: Float, softness: Float = 0.02) -> Float {
  ValueNoise.smooth(at - softness, at + softness, value)
}

func mix(_ a: Colour, _ b: Colour, _ amount: Float) -> Colour { a + (b - a) * amount }

extension Point {
  var length: Float { (self * self).sum().squareRoot() }

  func rotated(by angle: Float) -> Point {
    let (s, c) = (sin(angle), cos(angle))
    return Point(c * x - s * y, s * x + c * y)
  }
}

/// A square of the lattice of whole numbers, and random numbers of its own.
struct Cell: Equatable {
  var column: Float
  var row: Float

  /// The cell that holds a point.
  init(of point: Point) {
    (column, row) = (point.x.rounded(.down), point.y.rounded(.down))
  }

  init(column: Float, row: Float) { (self.column, self.row) = (column, row) }

  var corner: Point { Point(column, row) }

  /// Whether column and row together are even, as the dark squares of a chessboard.
  var isEven: Bool { (column + row).remainder(dividingBy: 2) == 0 }

  /// Calls `body` with the cell and the eight about it.
  func forEachNeighbour(_ body: (Cell) -> Void) {
    for place in 0..<9 {
      body(Cell(column: column + Float(place % 3 - 1), row: row + Float(place / 3 - 1)))
    }
  }

  /// A number in 0 ..< 1 that depends on the cell and the seed alone.
  func number(_ seed: UInt32) -> Float { ValueNoise.number(column, row, seed) }
}

extension RandomSource {
  /// The seed of what a texture strews over its cells.
  mutating func patternSeed() -> UInt32 { UInt32(integer(in: 0...1 << 30)) }

  mutating func isLucky(_ probability: Float) -> Bool { number(in: 0..<1) < probability }
}
