import Foundation

/// How a training went: the loss, averaged over stretches of steps.
package struct LearningCurve: Sendable {
  /// The first step of each stretch, its mean loss in nats a picture, and the rate at its first step.
  package let points: [(step: Int, loss: Double, learningRate: Float)]

  init(losses: [Float], plan: TrainingPlan, stretch: Int) {
    points = stride(from: 0, to: losses.count, by: stretch).map { first in
      let part = losses[first..<min(first + stretch, losses.count)]
      let mean = part.reduce(0) { $0 + Double($1) } / Double(part.count)
      return (first, mean, plan.learningRate(at: first))
    }
  }

  /// One row a stretch.
  package var csv: String {
    "step,loss,learning_rate\n"
      + points.map { "\($0.step),\($0.loss),\($0.learningRate)\n" }.joined()
  }

  /// A chart in text: a bar a row, as long as the logarithm of the loss above a thousandth.
  package var chart: String {
    let rows = 16
    let pitch = max(1, (points.count + rows - 1) / rows)
    return stride(from: 0, to: points.count, by: pitch).map { index in
      let (step, loss, _) = points[index]
      let length = max(0, Int((log10(max(loss, 1e-6)) + 3) * 14))
      return String(format: "%7d  %7.4f  ", step, loss) + String(repeating: "▇", count: length)
    }.joined(separator: "\n")
  }
}

extension Trainer {
  /// The curve so far, in stretches of 20 steps.
  package var curve: LearningCurve {
    LearningCurve(losses: losses, plan: plan, stretch: 20)
  }
}
