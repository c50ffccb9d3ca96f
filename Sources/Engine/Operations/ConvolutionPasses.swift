internal import CKernels

extension pi_convolution {
  func plan(_ pass: pi_pass) -> pi_convolution_plan {
    withUnsafePointer(to: self) { pi_plan_convolution($0, pass) }
  }

  /// Numbers of scratch memory that any pass needs.
  func scratchCount(threads: Int) -> Int {
    var most = 0
    for pass in [pi_pass_forward, pi_pass_data, pi_pass_weights] {
      let plan = plan(pass)
      most = max(most, Placement.aligned(plan.shared) + Placement.aligned(plan.scratch) * threads)
    }
    return most
  }

  /// Runs the three stages of a pass; `memory` holds ``scratchCount(threads:)`` numbers.
  func run(
    _ pass: pi_pass, _ tensors: pi_tensors, _ memory: UnsafeMutablePointer<Float>,
    _ threads: ThreadPool, _ instructionSet: InstructionSet? = nil
  ) {
    var plan = plan(pass)
    if let instructionSet { plan.instruction_set = instructionSet.rawValue }
    withUnsafePointer(to: plan) { plan in
      withUnsafePointer(to: tensors) { tensors in
        let (pieces, scratch) = (
          plan.pointee.pieces, memory + Placement.aligned(plan.pointee.shared)
        )
        let room = Placement.aligned(plan.pointee.scratch)
        for stage in 0..<3 {
          threads.forEach(stage == 0 ? pieces.0 : stage == 1 ? pieces.1 : pieces.2) {
            piece, thread in
            pi_run_convolution(
              plan, Int32(stage), piece, tensors, memory, scratch + thread * room)
          }
        }
      }
    }
  }
}
