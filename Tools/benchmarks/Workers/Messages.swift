/// What a worker says, one line of JSON each; `pytorch_worker.py` speaks the same.
///
/// The driver writes `run COUNT` to the worker's input, and closes it to end the worker.
enum Messages {
  /// The first line: everything is set up.
  struct Ready: Codable {
    var ready = true
    /// Billions of operations of an iteration, convolutions counted as direct; `nil` if unknown.
    var gflop: Double?
    /// What does the work, where the worker is not ours.
    var version: String?
  }

  /// After `run`.
  struct Answer: Codable {
    /// For all iterations together.
    var seconds: Double
    /// Calls of the allocator in all iterations together; `nil` where they cannot be counted.
    var allocations: Int?
    /// The most memory that the process has had; `nil` where the system does not tell.
    var peakBytes: Int?
  }
}
