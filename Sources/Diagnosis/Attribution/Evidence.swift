import Engine
import PretrainedNets

/// Where in a picture the evidence for a class lies, by several methods.
public struct Evidence: Sendable {
  /// `[1, 3, H, W]`, 0 ... 1.
  public let picture: Tensor
  /// What each method is called, and what it says.
  public let attributions: [(method: String, attribution: Attribution)]

  /// With the input gradient, integrated gradients from grey, Grad-CAM at the last layer with places before the
  /// scores, and grey squares of a quarter of the side.
  ///
  /// - Throws: as ``Attribution/inputGradient(of:classIndex:in:threads:)``.
  public init(
    for classIndex: Int, in picture: Tensor, of classifier: Classifier, threads: ThreadPool
  ) throws {
    let grey = Tensor(picture.shape, repeating: 0.5)
    let side = max(1, min(picture.shape[2], picture.shape[3]) / 4)
    // Compiled once for the three that change the picture.
    let program = try ScoreProgram(classifier, classIndex, picture.shape, threads)
    var found: [(method: String, attribution: Attribution)] = [
      (
        "Input gradient",
        try .inputGradient(by: program, in: picture)
      ),
      (
        "Integrated gradients",
        try .integratedGradients(by: program, in: picture, from: grey, steps: 20)
      ),
    ]
    let architecture = classifier.architecture
    let last = architecture.ancestry(of: [architecture.scoreLayer]).dropLast().last { layer in
      architecture.shapes[layer.name].map { $0[2] * $0[3] > 1 } ?? false
    }
    if let last {
      found.append(
        (
          "Grad-CAM at \(last.name)",
          try .gradCAM(
            of: classifier, classIndex: classIndex, at: last.name, in: picture, threads: threads)
        ))
    }
    found.append(
      (
        "Occlusion by squares of \(side)",
        try .occlusion(
          by: program, in: picture, under: grey, side: side, stride: max(1, side / 2))
      ))
    (self.picture, attributions) = (picture, found)
  }
}
