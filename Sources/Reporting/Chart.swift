import Foundation

/// Lines over two axes, drawn as SVG, which any screen and printer draws as sharp as it can.
public struct Chart: Sendable {
  public var x: Axis
  public var y: Axis
  public var lines: [Line]
  /// What those are told who cannot see it.
  public var alternative: String

  /// What runs along a side, with its unit.
  public struct Axis: Sendable {
    public var label: String
    /// Whether equal steps are equal ratios; what is not above 0 is left out then.
    public var isLogarithmic: Bool

    public init(_ label: String, isLogarithmic: Bool = false) {
      (self.label, self.isLogarithmic) = (label, isLogarithmic)
    }

    /// Logarithmic where the numbers are all above 0 and differ much.
    public init(_ label: String, for values: some Sequence<Double>) {
      let known = values.filter(\.isFinite)
      let (least, most) = (known.min() ?? 0, known.max() ?? 0)
      self.init(label, isLogarithmic: least > 0 && most > 20 * least)
    }
  }

  /// A line, and what it is called.
  public struct Line: Sendable {
    public var name: String
    public var points: [(x: Double, y: Double)]

    public init(_ name: String, points: [(x: Double, y: Double)]) {
      (self.name, self.points) = (name, points)
    }
  }

  public init(x: Axis, y: Axis, lines: [Line], alternative: String) {
    (self.x, self.y, self.lines, self.alternative) = (x, y, lines, alternative)
  }

  /// Of Okabe and Ito, which people tell apart who do not see all colours; dashes tell them apart in print.
  private static let strokes = [
    ("#0072b2", ""), ("#d55e00", "7 3"), ("#009e73", "2 3"), ("#cc79a7", "9 3 2 3"),
    ("#e69f00", "12 4"), ("#56b4e9", "4 2"),
  ]
  private static let size = (width: 720.0, height: 400.0)
  private static let inside = (left: 76.0, top: 14.0, right: 706.0, bottom: 342.0)

  package func html() -> HTML {
    let across = Scale(x, lines.flatMap { $0.points.map(\.x) }, Self.inside.left, Self.inside.right)
    let up = Scale(y, lines.flatMap { $0.points.map(\.y) }, Self.inside.bottom, Self.inside.top)
    let middle = (Self.inside.top + Self.inside.bottom) / 2
    var contents = [HTML.element("title", [:], HTML(alternative))]
    for tick in across.ticks {
      let place = across.place(of: tick)
      contents.append(Self.rule(place, Self.inside.top, place, Self.inside.bottom))
      contents.append(Self.text(Self.name(of: tick), place, Self.inside.bottom + 18, "middle"))
    }
    for tick in up.ticks {
      let place = up.place(of: tick)
      contents.append(Self.rule(Self.inside.left, place, Self.inside.right, place))
      contents.append(Self.text(Self.name(of: tick), Self.inside.left - 8, place + 4, "end"))
    }
    contents.append(
      Self.text(
        x.label, (Self.inside.left + Self.inside.right) / 2, Self.size.height - 16, "middle"))
    contents.append(
      .element(
        "g", ["transform": "rotate(-90 16 \(Self.number(middle)))"],
        Self.text(y.label, 16, middle, "middle")))
    for (index, line) in lines.enumerated() {
      let (colour, dashes) = Self.strokes[index % Self.strokes.count]
      let points = Self.thinned(line.points).filter { across.has($0.x) && up.has($0.y) }
      let path = points.map {
        "\(Self.number(across.place(of: $0.x))),\(Self.number(up.place(of: $0.y)))"
      }
      contents.append(Self.stroke(path.joined(separator: " "), colour, dashes))
    }
    return .element(
      "figure", ["class": "chart"],
      .element(
        "svg",
        [
          "viewBox": "0 0 \(Int(Self.size.width)) \(Int(Self.size.height))", "role": "img",
        ], contents),
      .element("figcaption", [:], legend()))
  }

  private func legend() -> [HTML] {
    lines.enumerated().map { index, line in
      let (colour, dashes) = Self.strokes[index % Self.strokes.count]
      return .element(
        "span", [:],
        .element(
          "svg", ["viewBox": "0 0 36 8", "class": "key", "aria-hidden": "true"],
          Self.stroke("0,4 36,4", colour, dashes)),
        HTML(line.name))
    }
  }

  private static func stroke(_ points: String, _ colour: String, _ dashes: String) -> HTML {
    .element(
      "polyline",
      [
        "points": points, "fill": "none", "stroke": colour, "stroke-width": "2",
        "stroke-dasharray": dashes.isEmpty ? "none" : dashes,
      ])
  }

  private static func rule(_ x: Double, _ y: Double, _ endX: Double, _ endY: Double) -> HTML {
    .element(
      "line",
      [
        "x1": number(x), "y1": number(y), "x2": number(endX), "y2": number(endY),
        "stroke": "currentColor", "stroke-opacity": "0.2",
      ])
  }

  private static func text(_ text: String, _ x: Double, _ y: Double, _ anchor: String) -> HTML {
    .element(
      "text",
      [
        "x": number(x), "y": number(y), "text-anchor": anchor, "font-size": "13",
        "fill": "currentColor",
      ], HTML(text))
  }

  /// No more points than can be told apart: of each stretch its first.
  private static func thinned(
    _ points: [(x: Double, y: Double)]
  ) -> [(x: Double, y: Double)] {
    let step = max(1, points.count / 600)
    return points.enumerated().filter { index, _ in
      index % step == 0 || index == points.count - 1
    }.map(\.element)
  }

  private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  private static func name(of tick: Double) -> String { String(format: "%g", tick) }
}

extension Chart {
  /// Where numbers lie along a side.
  struct Scale {
    private let isLogarithmic: Bool
    private let range: ClosedRange<Double>
    private let start: Double
    private let end: Double
    /// Round numbers along it.
    let ticks: [Double]

    init(_ axis: Axis, _ values: [Double], _ start: Double, _ end: Double) {
      isLogarithmic = axis.isLogarithmic
      (self.start, self.end) = (start, end)
      let shown = values.filter { $0.isFinite && (!axis.isLogarithmic || $0 > 0) }
        .map { axis.isLogarithmic ? log10($0) : $0 }
      let (low, high) = (shown.min() ?? 0, shown.max() ?? 1)
      // A span of nothing is given some, so that its middle is the number.
      range = high > low ? low...high : low - 0.5...low + 0.5
      ticks =
        axis.isLogarithmic ? Self.decades(range) : Self.roundNumbers(range)
    }

    func has(_ value: Double) -> Bool { value.isFinite && (!isLogarithmic || value > 0) }

    func place(of value: Double) -> Double {
      let value = isLogarithmic ? log10(value) : value
      return start
        + (value - range.lowerBound) / (range.upperBound - range.lowerBound) * (end - start)
    }

    /// Multiples of 1, 2 or 5 times a power of ten, about five of them.
    private static func roundNumbers(_ range: ClosedRange<Double>) -> [Double] {
      let rough = (range.upperBound - range.lowerBound) / 5
      let power = pow(10, floor(log10(rough)))
      let step = power * ([1, 2, 5, 10].first { rough <= $0 * power * 1.0001 } ?? 10)
      let first = (range.lowerBound / step).rounded(.up)
      let last = (range.upperBound / step).rounded(.down)
      guard first <= last else { return [] }
      return stride(from: first, through: last, by: 1).map { $0 * step }
    }

    /// Powers of ten, with their doubles and fivefolds where the span is short.
    private static func decades(_ range: ClosedRange<Double>) -> [Double] {
      let span = range.upperBound - range.lowerBound
      let factors: [Double] = span < 3 ? [1, 2, 5] : [1]
      let first = Int(range.lowerBound.rounded(.down))
      let last = Int(range.upperBound.rounded(.up))
      return (first...last).flatMap { power in factors.map { $0 * pow(10, Double(power)) } }
        .filter { range.contains(log10($0)) }
    }
  }
}
