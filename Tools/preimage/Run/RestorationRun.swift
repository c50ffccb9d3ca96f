import ArgumentParser
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
  let parts: PartOptions
  /// Makes of a part of a generated picture what would be written there.
  var finish: (Tensor, Region) -> Tensor = { picture, _ in picture.clamped() }
  /// The given picture at the size of the result, to be scored beside it.
  let baseline: Tensor
  /// The opacity of the result.
  var alpha: Tensor?
  /// What the report tells besides.
  var remark = ""

  init(
    task: String, options: RunOptions, parts: PartOptions, outputs: Outputs, file: String,
    given: Picture, clean: String?, baseline: Picture? = nil
  ) {
    (self.task, self.options, self.parts, self.outputs) = (task, options, parts, outputs)
    (self.file, self.given, self.clean) = (file, given, clean)
    self.baseline = (baseline ?? given).colour
    alpha = (baseline ?? given).alpha
  }

  /// - Throws: errors that name the file where the picture is at fault.
  func callAsFunction(_ restoration: Restoration) throws {
    var restoration = restoration
    restoration.plan = try parts.applied(
      to: options.applied(to: restoration.plan), options: options)
    let truth = try clean.map { try readTruth($0) }
    let pool = try options.pool()
    let side = try naming { try tileSide(for: restoration, threads: pool.threads) }
    let solves = try naming {
      try RestorationParts(restoration, side: side, runs: parts.runs, seed: options.seed)
    }
    var keeper = try RunKeeper(
      options: options, outputs: outputs, plan: restoration.plan,
      settings: side.map { ["tile": "\($0)"] } ?? [:])
    var composition = try Composition(of: baseline.shape, keeper)
    let view = try options.live.view(besides: outputs.picture, canStop: true)
    var last: (run: Run, result: Run.Result)?
    for index in keeper.notes.parts.count..<solves.count {
      // The memory of the solve before goes before that of the next is asked for.
      last = nil
      var part = solves[index]
      part.restoration.plan.timeLimit = options.timeLeft(
        after: keeper.notes.parts, of: solves.count)
      let run = Run(
        task: task, prior: restoration.prior.name, options: options, outputs: outputs,
        truth: truth?.cropped(to: part.region), finish: { finish($0, part.region) },
        part: (index, solves.count),
        beside: [("Given", baseline)] + (truth.map { [("Undamaged", $0)] } ?? []),
        view: view, isAveraged: true)
      let solver = try naming {
        try part.restoration.solver(random: part.random, threads: pool)
      }
      let solution = try run.solve(solver, plan: part.restoration.plan, &keeper)
      composition.add(solution, at: part.region, overlap: solves.overlap)
      last = (run, try run.result(solution, solver, keeper))
      if solution.end == .request { break }
      if index < solves.count - 1 {
        keeper.notes.parts.append(.init(solution))
        keeper.pictures = composition.pictures
      }
    }
    if let (run, result) = last {
      try write(composition, result, run, solves, after: keeper.notes.parts, truth)
    }
  }

  /// Writes what was put together, and tells of it.
  private func write(
    _ composition: Composition, _ result: Run.Result, _ run: Run, _ solves: RestorationParts,
    after parts: [RunKeeper.Notes.Part], _ truth: Tensor?
  ) throws {
    var result = result
    let whole = Region(height: baseline.shape[2], width: baseline.shape[3])
    let restored = finish(composition.found.picture(elsewhere: baseline), whole)
    var report = "\(outputs.picture): \(result.summary.cost)\(remark)"
    if solves.count == 1 {
      result.summary.chosenIteration = result.solution.best?.iteration
      if let best = result.solution.best { report += "; iteration \(best.iteration) is taken" }
    } else {
      let tiles = solves.grid.tiles
      result.summary.compose(
        runs: solves.runs, tiles: tiles.count, of: baseline.shape, parts: parts)
      if tiles.count > 1 {
        let tile = tiles[0].scaled(by: solves.factor)
        report += "; \(tiles.count) tiles of \(tile.width)×\(tile.height) pixels"
      }
      if solves.runs > 1 { report += "; the mean of \(solves.runs) runs" }
    }
    if let truth {
      if solves.count == 1 {
        result.summary.psnr = psnr(finish(result.solution.picture, whole), truth)
      }
      result.summary.psnrAverage = psnr(restored, truth)
      result.summary.psnrInput = psnr(baseline, truth)
      result.summary.ssim = ssim(restored, truth)
      report += "; " + result.summary.scores
    }
    if let path = self.parts.uncertainty {
      report += try writeUncertainty(composition.uncertainty, to: path)
    }
    try run.write(
      Picture(colour: restored, alpha: alpha, bitDepth: given.bitDepth), result, report: [report])
  }

  /// The side of the tiles, if it is to be done in tiles.
  private func tileSide(for restoration: Restoration, threads: Int) throws -> Int? {
    if let tile = parts.tile { return tile }
    guard let memory = parts.memory else { return nil }
    // Besides the buffers there are some pictures of the whole, and of a tile what the solver keeps.
    let bytes = (memory.bytes - 10 * baseline.shape.count * 4 - 64 << 20) * 9 / 10
    if try restoration.memoryBytes(threads: threads) <= bytes { return nil }
    guard
      let side = try RestorationParts.side(for: restoration, bytes: bytes, threads: threads)
    else {
      throw ValidationError(
        "--memory \(memory.bytes >> 20)M holds not even a small tile of this picture; give more")
    }
    return side
  }

  private func writeUncertainty(_ mosaic: Mosaic?, to path: String) throws -> String {
    guard let mosaic else { return "; too few iterations for \(path)" }
    let deviation = mosaic.picture(elsewhere: Tensor(mosaic.sum.shape))
    let largest = max(deviation.elements.max() ?? 0, .leastNormalMagnitude)
    try Picture(
      colour: Tensor(deviation.shape, deviation.elements.map { $0 / largest })
    )
    .convertedToGrey().write(to: path)
    return String(format: "; white in \(path) is a deviation of %.4f", largest)
  }

  /// Adds the picture's name to what is wrong with it, and the remedy where it is too large.
  private func naming<R>(_ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as ValidationError {
      throw error
    } catch EngineError.memory(let bytes) {
      throw FileError(
        file: file,
        problem: """
          restoring it whole takes \(bytes >> 20) MiB of memory, which are not to be had; give \
          --memory 4G or the like to do it in tiles
          """)
    } catch { throw FileError(file: file, problem: "\(error)") }
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

extension RunOptions {
  /// The seconds that a solve may take, of as many as are left: each its share.
  fileprivate func timeLeft(after done: [RunKeeper.Notes.Part], of count: Int) -> Double {
    guard let limit = timeLimit?.seconds else { return .infinity }
    let left = limit - done.reduce(0) { $0 + $1.seconds }
    return max(0, left) / Double(count - done.count)
  }
}

extension Summary {
  /// Makes of the last part's what is true of all.
  fileprivate mutating func compose(
    runs: Int, tiles: Int, of shape: Shape, parts: [RunKeeper.Notes.Part]
  ) {
    (self.runs, self.tiles) = (runs, tiles)
    (height, width) = (shape[2], shape[3])
    loss = parts.reduce(loss) { $0 + $1.loss } / Float(parts.count + 1)
    var ends = parts.map(\.end.rawValue) + [stoppedBy]
    ends = ends.indices.filter { !ends[..<$0].contains(ends[$0]) }.map { ends[$0] }
    stoppedBy = stoppedBy == Solution.End.request.rawValue ? stoppedBy : ends.joined(separator: ",")
  }

  /// Decibels and the like, for people.
  fileprivate var scores: String {
    String(format: "PSNR %.2f dB (given %.2f", psnrAverage ?? 0, psnrInput ?? 0)
      + (psnr.map { String(format: ", last iterate %.2f", $0) } ?? "")
      + String(format: "), SSIM %.4f", ssim ?? 0)
  }

  /// Iterations and time, for people.
  var cost: String { "\(iterations) iterations in \(ProgressMeter.time(seconds))" }
}
