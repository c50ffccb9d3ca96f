import Engine
import Foundation

/// The colours of one picture: two that stand apart in lightness, and an accent.
package struct Palette {
  let ground: Colour
  let ink: Colour
  let accent: Colour
  private let isInverted: Bool

  /// The lighter of ground and ink.
  var lighter: Colour { isInverted ? ink : ground }
  /// The darker of ground and ink.
  var darker: Colour { isInverted ? ground : ink }

  /// What the hues may be, in turns; all of them, or one neighbourhood.
  enum Hues {
    case all
    /// From cyan-blue to indigo, and never pale.
    case blue
  }

  /// Draws colours at random: any hue, light on dark or dark on light.
  init(random: inout RandomSource, hues: Hues = .all) {
    let isBlue = hues == .blue
    let contrast = random.number(in: 0.26..<0.55)
    let darker = random.number(in: 0.2..<0.92 - contrast)
    let (low, high) = (darker, darker + contrast)
    let hue = isBlue ? random.number(in: 0.695..<0.745) : random.number(in: 0..<1)
    // Neighbouring, opposite or any: what painters call harmonies.
    let steps: [Float] = [0.06, -0.08, 0.5, 0.36, random.number(in: 0..<1)]
    func step(_ random: inout RandomSource) -> Float {
      isBlue ? random.number(in: -0.02..<0.02) : steps[random.integer(in: 0...steps.count - 1)]
    }
    func chroma(_ random: inout RandomSource) -> Float {
      isBlue ? random.number(in: 0.1..<0.17) : random.number(in: 0.01..<0.17)
    }
    isInverted = random.isLucky(0.5)
    let first = Self.colour(isInverted ? low : high, chroma(&random), hue)
    let second = Self.colour(isInverted ? high : low, chroma(&random), hue + step(&random))
    (ground, ink) = (first, second)
    let between = low + contrast * random.number(in: 0.25..<0.75)
    accent = Self.colour(between, chroma(&random), hue + step(&random))
  }

  /// Between ground and accent, as the surface of one tile of many: `number` in 0 ..< 1.
  func tile(_ number: Float, variety: Float) -> Colour {
    mix(ground, accent, variety * number)
  }

  /// A colour of OKLCh (Ottosson, 2020): lightness 0 ... 1, chroma and hue in turns, clipped to sRGB.
  private static func colour(_ lightness: Float, _ chroma: Float, _ hue: Float) -> Colour {
    let (a, b) = (chroma * cos(hue * turn), chroma * sin(hue * turn))
    func cube(_ x: Float) -> Float { x * x * x }
    let l = cube(lightness + 0.396_337_78 * a + 0.215_803_76 * b)
    let m = cube(lightness - 0.105_561_346 * a - 0.063_854_17 * b)
    let s = cube(lightness - 0.089_484_18 * a - 1.291_485_5 * b)
    let linear = Colour(
      4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
      -1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s,
      -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s)
    var colour = Colour.zero
    for channel in 0..<3 {
      let value = min(max(linear[channel], 0), 1)
      colour[channel] = value <= 0.003_130_8 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055
    }
    return colour
  }
}
