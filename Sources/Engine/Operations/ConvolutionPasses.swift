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

  /// Numbers of scratch memory that a pass needs, and one beside that to the weights.
  func scratchCount(threads: Int) -> Int {
    let (forward, data) = (plan(pi_pass_forward), plan(pi_pass_data))
    let weights = plan(pi_pass_weights)
    return Placement.aligned(max(forward.shared, data.shared)) + Placement.aligned(weights.shared)
      + Placement.aligned(max(forward.scratch, data.scratch, weights.scratch)) * threads
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

  /// Runs a pass, forward or to the data, and that to the weights, where they are wanted, side by side: what
  /// one of them reads the other finds in a cache, and threads wait for one another half as often.
  func run(
    _ pass: pi_pass, _ tensors: pi_tensors?, besideWeights weights: pi_tensors?,
    _ memory: UnsafeMutablePointer<Float>, _ threads: ThreadPool,
    _ instructionSet: InstructionSet? = nil
  ) {
    guard let first = tensors.map({ planned(pass, $0, instructionSet) }),
      let second = weights.map({ planned(pi_pass_weights, $0, instructionSet) })
    else {
      if let tensors { run(pass, tensors, memory, threads, instructionSet) }
      if let weights { run(pi_pass_weights, weights, memory, threads, instructionSet) }
      return
    }
    let secondMemory = memory + first.sharedCount
    let scratch = secondMemory + second.sharedCount
    let room = max(first.scratchCount, second.scratchCount)
    // The second stage of the pass and the first to the weights are most of the work: they meet.
    for step in 0..<4 {
      let fewer = second.pieces(step - 1), count = first.pieces(step) + fewer
      threads.forEach(count) { index, thread in
        // Spread evenly, both reach the same rows at about the same time.
        let before = (index * fewer + count - 1) / count
        let isSecond = ((index + 1) * fewer + count - 1) / count > before
        let scratch = scratch + thread * room
        if isSecond {
          second.run(step - 1, before, secondMemory, scratch)
        } else {
          first.run(step, index - before, memory, scratch)
        }
      }
    }
  }
}
