import Engine
import PretrainedNets

/// Where in a picture the evidence for a class lies.
public struct Attribution: Sendable {
  /// In units of the score, positive where the picture speaks for the class: `[1, 3, H, W]` of gradients,
  /// `[1, 1, H, W]` of occlusion, `[1, 1, h, w]` of a layer's places from Grad-CAM.
  public let map: Tensor
  /// The class's score before softmax, averaged over the picture where it is a map.
  public let score: Float
  /// What the sum of the map lacks of the difference between the scores of the picture and the
  /// baseline; nil where the method makes no such promise.
  public var completenessGap: Float?

  /// The gradient of a class's score with respect to the picture (Simonyan et al. 2014), in units of
  /// the score for a change of the picture by its whole range.
  ///
  /// The picture is `[1, 3, H, W]`, R, G, B, 0 ... 1.
  /// - Throws: as ``Classifier/build(in:from:upTo:)``, and ``ExcitationError`` for an unknown class.
  public static func inputGradient(
    of classifier: Classifier, classIndex: Int, in picture: Tensor, threads: ThreadPool
  ) throws -> Attribution {
    try inputGradient(by: ScoreProgram(classifier, classIndex, picture.shape, threads), in: picture)
  }

  static func inputGradient(by program: ScoreProgram, in picture: Tensor) throws -> Attribution {
    let (score, gradient) = try program.gradient(at: picture)
    return Attribution(map: gradient, score: score)
  }

  /// The gradients on the straight line from a baseline to the picture, averaged at the middles of so
  /// many equal steps, times the difference (Sundararajan et al. 2017).
  ///
  /// The picture and the baseline are `[1, 3, H, W]`, R, G, B, 0 ... 1.
  /// - Precondition: there is at least one step.
  /// - Throws: as ``inputGradient(of:classIndex:in:threads:)``, and ``EngineError`` for a baseline of
  ///   another shape.
  public static func integratedGradients(
    of classifier: Classifier, classIndex: Int, in picture: Tensor, from baseline: Tensor,
    steps: Int = 50, threads: ThreadPool
  ) throws -> Attribution {
    try integratedGradients(
      by: ScoreProgram(classifier, classIndex, picture.shape, threads), in: picture,
      from: baseline, steps: steps)
  }

  static func integratedGradients(
    by program: ScoreProgram, in picture: Tensor, from baseline: Tensor, steps: Int
  ) throws -> Attribution {
    precondition(steps > 0, "an integral takes at least one step")
    let reference = try program.score(of: baseline)
    let (start, end) = (baseline.elements, picture.elements)
    let difference = zip(end, start).map { $0 - $1 }
    // In double precision, so that the gap tells of the steps and not of the sum.
    var sums = [Double](repeating: 0, count: end.count)
    for step in 0..<steps {
      let along = (Float(step) + 0.5) / Float(steps)
      let point = zip(start, difference).map { $0 + along * $1 }
      let gradient = try program.gradient(at: Tensor(picture.shape, point)).gradient.elements
      for index in sums.indices { sums[index] += Double(gradient[index]) }
    }
    let evidence = zip(sums, difference).map { $0 / Double(steps) * Double($1) }
    let score = try program.score(of: picture)
    let gap = Double(score) - Double(reference) - evidence.reduce(0, +)
    return Attribution(
      map: Tensor(picture.shape, evidence.map { Float($0) }), score: score,
      completenessGap: Float(gap))
  }
}
