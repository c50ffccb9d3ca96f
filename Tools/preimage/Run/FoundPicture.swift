import Engine
import Imaging
import PretrainedNets

/// A picture that was found for a network: what ends every run on one.
struct FoundPicture {
  /// `[1, 3, H, W]`, 0 ... 1.
  let picture: Tensor
  let classifier: Classifier
  let labels: ClassLabels

  /// Writes the picture and the summary, and then prints the report with the classes that the network
  /// sees in the picture, where the file of weights reaches that deep.
  ///
  /// - Throws: ``OutputError``, or what reading the weights throws.
  func write(
    _ run: Run, _ result: Run.Result, report: [String], threads: ThreadPool
  ) throws {
    var (result, report) = (result, report)
    (result.summary.network, result.summary.weights) = (
      classifier.architecture.name, classifier.file.path
    )
    if classifier.canClassify {
      let fitted = classifier.architecture.fit(Picture(colour: picture))
      let predictions = try classifier.classify(fitted, threads: threads)
      result.summary.predictions = predictions.map { $0.summary(labels) }
      report += predictions.map { "  \($0.line(labels))" }
    }
    try run.write(Picture(colour: picture), result, report: report)
  }
}
