internal import CKernels

/// One pass of a convolution: how it is computed, and what it reads and writes.
private struct PlannedPass {
  var plan: pi_convolution_plan
  let tensors: pi_tensors

  /// The pieces of a stage; none where there is no such stage.
  func pieces(_ stage: Int) -> Int {
    switch stage {
    case 0: plan.pieces.0
    case 1: plan.pieces.1
    case 2: plan.pieces.2
    default: 0
    }
  }

  var sharedCount: Int { Placement.aligned(plan.shared) }
  var scratchCount: Int { Placement.aligned(plan.scratch) }

  func run(
    _ stage: Int, _ piece: Int, _ shared: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: plan) { plan in
      withUnsafePointer(to: tensors) { tensors in
        pi_run_convolution(plan, Int32(stage), piece, tensors, shared, scratch)
      }
    }
  }
}

extension pi_convolution {
  func plan(_ pass: pi_pass) -> pi_convolution_plan {
    withUnsafePointer(to: self) { pi_plan_convolution($0, pass) }
  }

  private func planned(
    _ pass: pi_pass, _ tensors: pi_tensors, _ instructionSet: InstructionSet?
  ) -> PlannedPass {
    var planned = PlannedPass(plan: plan(pass), tensors: tensors)
    if let instructionSet { planned.plan.instruction_set = instructionSet.rawValue }
    return planned
  }

  /// Numbers of scratch memory that the passes need.
  func scratchCount(threads: Int) -> Int {
    func count(_ passes: pi_pass...) -> Int {
      let plans = passes.map(plan)
      return plans.reduce(0) { $0 + Placement.aligned($1.shared) }
        + Placement.aligned(plans.map(\.scratch).max() ?? 0) * threads
    }
    return max(count(pi_pass_forward), count(pi_pass_data, pi_pass_weights))
  }

  /// Runs a pass; `memory` holds ``scratchCount(threads:)`` numbers.
  func run(
    _ pass: pi_pass, _ tensors: pi_tensors, _ memory: UnsafeMutablePointer<Float>,
    _ threads: ThreadPool, _ instructionSet: InstructionSet? = nil
  ) {
    let pass = planned(pass, tensors, instructionSet)
    let scratch = memory + pass.sharedCount
    for stage in 0..<3 {
      threads.forEach(pass.pieces(stage)) { piece, thread in
        pass.run(stage, piece, memory, scratch + thread * pass.scratchCount)
      }
    }
  }

  /// Runs the passes to the data and to the weights, where they are wanted, side by side: what one of them
  /// reads the other finds in a cache, and threads wait for one another half as often.
  func runBackward(
    data: pi_tensors?, weights: pi_tensors?, _ memory: UnsafeMutablePointer<Float>,
    _ threads: ThreadPool, _ instructionSet: InstructionSet? = nil
  ) {
    guard let data = data.map({ planned(pi_pass_data, $0, instructionSet) }),
      let weights = weights.map({ planned(pi_pass_weights, $0, instructionSet) })
    else {
      if let data { run(pi_pass_data, data, memory, threads, instructionSet) }
      if let weights { run(pi_pass_weights, weights, memory, threads, instructionSet) }
      return
    }
    let weightsMemory = memory + data.sharedCount
    let scratch = weightsMemory + weights.sharedCount
    let room = max(data.scratchCount, weights.scratchCount)
    // The second stage to the data and the first to the weights are most of the work: they meet.
    for step in 0..<4 {
      let fewer = weights.pieces(step - 1), count = data.pieces(step) + fewer
      threads.forEach(count) { index, thread in
        // Spread evenly, both reach the same rows at about the same time.
        let before = (index * fewer + count - 1) / count
        let isWeights = ((index + 1) * fewer + count - 1) / count > before
        let scratch = scratch + thread * room
        if isWeights {
          weights.run(step - 1, before, weightsMemory, scratch)
        } else {
          data.run(step, index - before, memory, scratch)
        }
      }
    }
  }
}
