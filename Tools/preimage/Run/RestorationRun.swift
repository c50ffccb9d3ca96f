import DIP
import Engine
import Foundation
import Imaging
import Terminal

/// What the restoring commands share: read, solve, score, write.
struct RestorationRun {
  let task: String
  let options: RunOptions
  let outputs: Outputs
  /// The path of the given picture, for messages.
  let file: String
  let given: Picture
  /// The path of the undamaged picture, if it is known.
  let clean: String?
  /// Makes of a generated picture what would be written.
  var finish: (Tensor) -> Tensor = { $0.clamped() }
  /// The given picture at the size of the result, to be scored beside it.
  let baseline: Tensor
  /// The opacity of the result.
  var alpha: Tensor?
  /// What the report tells besides.
  var remark = ""

  init(
    task: String, options: RunOptions, outputs: Outputs, file: String, given: Picture,
    clean: String?, baseline: Picture? = nil
  ) {
    (self.task, self.options, self.outputs) = (task, options, outputs)
    (self.file, self.given, self.clean) = (file, given, clean)
    self.baseline = (baseline ?? given).colour
    alpha = (baseline ?? given).alpha
  }

  /// - Throws: errors that name the file where the picture is at fault.
  func callAsFunction(_ restoration: Restoration) throws {
    var restoration = restoration
    restoration.plan = options.applied(to: restoration.plan)
    let truth = try clean.map { try readTruth($0) }
    let pool = try options.pool()
    let solver: Solver
    do {
      solver = try restoration.solver(random: RandomSource(seed: options.seed), threads: pool)
    } catch { throw FileError(file: file, problem: "\(error)") }
    let run = Run(
      task: task, prior: restoration.prior.name, options: options, outputs: outputs, truth: truth,
      finish: finish)
    var result = try run(solver, plan: restoration.plan)
    // Where no rule tells the best, the last.
    let best = result.solution.best
    let restored = finish(best?.average ?? result.solution.average)
    result.summary.chosenIteration = best?.iteration
    var report = "\(outputs.picture): \(result.summary.cost)\(remark)"
    if let best { report += "; iteration \(best.iteration) is taken" }
    if let truth {
      result.summary.psnr = psnr(finish(result.solution.picture), truth)
      result.summary.psnrAverage = psnr(restored, truth)
      result.summary.psnrInput = psnr(baseline, truth)
      result.summary.ssim = ssim(restored, truth)
      report += String(
        format: "; PSNR %.2f dB (given %.2f, last iterate %.2f), SSIM %.4f",
        result.summary.psnrAverage ?? 0, result.summary.psnrInput ?? 0, result.summary.psnr ?? 0,
        result.summary.ssim ?? 0)
    }
    try run.write(
      Picture(colour: restored, alpha: alpha, bitDepth: given.bitDepth), result)
    print(report)
  }

  private func readTruth(_ path: String) throws -> Tensor {
    let picture = try Picture(contentsOf: path)
    guard picture.width == baseline.shape[3], picture.height == baseline.shape[2] else {
      throw FileError(
        file: path,
        problem: """
          \(picture.width)×\(picture.height) pixels, where the result has \
          \(baseline.shape[3])×\(baseline.shape[2]); give the undamaged picture of that size
          """)
    }
    return (given.isGrey ? picture.convertedToGrey() : picture.convertedToRGB()).colour
  }
}

extension Summary {
  /// Iterations and time, for people.
  var cost: String { "\(iterations) iterations in \(ProgressMeter.time(seconds))" }
}
