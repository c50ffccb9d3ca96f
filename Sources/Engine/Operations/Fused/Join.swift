internal import CKernels

/// Branches joined along the channels, each normalised, rectified and enlarged on the way: what the
/// hourglass does before each convolution on the way up, without the tensors in between.
///
/// Inputs: the branches [1, C_i, H_i, W_i], then the terms [3, C_i] of those that have a slope, in order.
/// All are of one size once enlarged. The output's moments are summed up as it is written.
package struct Join: Operation {
  package struct Branch: Sendable, Hashable {
    /// Of the rectifier behind the terms (1: none); nil where there are no terms.
    package var slope: Float?
    /// 1, or 2 with a method.
    package var factor = 1
    package var method = UpsamplingMethod.nearest
  }

  package var branches: [Branch]

  package var name: String { "join" }

  package func outputShape(for inputs: [Shape]) throws(EngineError) -> Shape {
    let sizes = zip(inputs, branches).map {
      [$0.batch, $0.height * $1.factor, $0.width * $1.factor]
    }
    guard let size = sizes.first, sizes.allSatisfy({ $0 == size }), size[0] == 1,
      branches.allSatisfy({ 1...2 ~= $0.factor })
    else {
      throw .shape(operation: name, problem: "joins pictures of one size, not \(inputs)")
    }
    let channels = inputs.prefix(branches.count).reduce(0) { $0 + $1.channels }
    return [1, channels, size[1], size[2]]
  }

  package var gathersMoments: Bool { true }
  package func addsToGradient(ofInput input: Int) -> Bool { input < branches.count }

  package func scratchCount(for inputs: [Shape], threads: Int) -> Int {
    room(of: inputs[0], branches[0]) * threads
  }

  /// The numbers of scratch memory of one thread: the branches are equally wide once enlarged.
  private func room(of shape: Shape, _ branch: Branch) -> Int {
    withUnsafePointer(to: branch.geometry(shape)) { pi_branch_scratch($0) }
  }

  package func forward(_ pass: ForwardPass) {
    let y = pass.output
    let plane = y.shape.height * y.shape.width
    forEachPlane(pass.inputs, pass.scratch, pass.threads) { branch, c, channel, scratch in
      let x = pass.inputs[branch]
      var moments = (0.0, 0.0)
      withUnsafePointer(to: branches[branch].geometry(x.shape)) { geometry in
        withUnsafeMutableBytes(of: &moments) {
          pi_join(
            geometry, x.elements + c * (x.count / x.shape.channels),
            reading(of: branch, c, pass.inputs), y.elements + channel * plane, scratch,
            $0.assumingMemoryBound(to: Double.self).baseAddress)
        }
      }
      y.moments?[channel] = Float(moments.0)
      y.moments?[y.shape.channels + channel] = Float(moments.1)
    }
  }

  package func pullback(_ pass: PullbackPass) {
    let dy = pass.outputGradient
    let plane = dy.shape.height * dy.shape.width
    forEachPlane(pass.inputs, pass.scratch, pass.threads) { branch, c, channel, scratch in
      guard let dx = pass.inputGradients[branch] else { return }
      let x = pass.inputs[branch]
      let offset = c * (x.count / x.shape.channels)
      let reading = reading(of: branch, c, pass.inputs)
      var sums = (0.0, 0.0)
      withUnsafePointer(to: branches[branch].geometry(x.shape)) { geometry in
        withUnsafeMutableBytes(of: &sums) {
          pi_join_pullback(
            geometry, x.elements + offset, reading, dy.elements + channel * plane,
            pass.adds[branch] ? 1 : 0, dx.elements + offset, scratch,
            $0.assumingMemoryBound(to: Double.self).baseAddress)
        }
      }
      if let input = termsInput(of: branch), let terms = pass.inputGradients[input] {
        reading.setGradient(of: terms.elements, channels: x.shape.channels, c, sums)
      }
    }
  }

  /// Calls `body` with each plane: its branch, its channel there and in the output, scratch memory.
  private func forEachPlane(
    _ inputs: [View], _ scratch: UnsafeMutablePointer<Float>, _ threads: ThreadPool,
    _ body: (Int, Int, Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    let channels = inputs.prefix(branches.count).reduce(0) { $0 + $1.shape.channels }
    let room = room(of: inputs[0].shape, branches[0])
    threads.forEach(channels) { channel, thread in
      var (branch, c) = (0, channel)
      while c >= inputs[branch].shape.channels {
        c -= inputs[branch].shape.channels
        branch += 1
      }
      body(branch, c, channel, scratch + thread * room)
    }
  }

  private func termsInput(of branch: Int) -> Int? {
    guard branches[branch].slope != nil else { return nil }
    return branches.count + branches.prefix(branch).count { $0.slope != nil }
  }

  private func reading(of branch: Int, _ c: Int, _ inputs: [View]) -> pi_reading {
    guard let terms = termsInput(of: branch), let slope = branches[branch].slope else {
      return pi_reading(centre: 0, factor: 1, offset: 0, slope: 1)
    }
    return pi_reading(
      of: inputs[terms].elements, channels: inputs[branch].shape.channels, c, slope: slope)
  }

  package static let specimens: [Specimen] = {
    let doubled = UpsamplingMethod.allCases.map { Branch(factor: 2, method: $0) }
    var specimens = [Specimen(Join(branches: [Branch()]), [[1, 2, 3, 4]])]
    for branch in doubled {
      specimens += [
        Specimen(Join(branches: [Branch(), branch]), [[1, 2, 4, 6], [1, 3, 2, 3]]),
        Specimen(Join(branches: [branch, branch]), [[1, 1, 1, 1], [1, 2, 1, 1]]),
        Specimen(Join(branches: [branch]), [[1, 1, 5, 1]]),
      ]
      var read = branch
      read.slope = 0.2
      specimens.append(
        Specimen(
          Join(branches: [Branch(slope: 0.2), read]),
          [[1, 1, 6, 34], [1, 2, 3, 17], [3, 1], [3, 2]],
          values: [.awayFromZero, .awayFromZero, .terms(channels: 1), .terms(channels: 2)]))
    }
    return specimens
  }()
}

extension Join.Branch {
  fileprivate func geometry(_ shape: Shape) -> pi_branch {
    pi_branch(
      height: Int32(shape.height), width: Int32(shape.width), factor: Int32(factor),
      bilinear: method == .bilinear ? 1 : 0)
  }
}
