import Engine

/// What is assumed of a file of weights where it does not say it itself, or says it wrongly.
///
/// The value without any assumption reads the file as its layout and its network say.
public struct WeightReading: Sendable, Hashable {
  /// What is done to pictures; `nil` for what the network's publisher did.
  public var preprocessing: Preprocessing.Name?
  /// Whether the channels are taken in the other order, B, G, R for R, G, B.
  public var swapsChannels = false
  /// Whether every kernel is turned by 180°: some files hold kernels to be convolved, not correlated.
  public var turnsKernels = false
  /// Whether the rows of the first dense layer are taken in the other order of their features, H, W, C for
  /// C, H, W.
  public var swapsRows = false
  /// What α and k of local response normalisations are; `nil` for what the network's publisher has.
  public var response: Response?

  /// The two conventions of local response normalisation that AlexNet's files come with.
  public enum Response: String, Sendable, Hashable, CaseIterable {
    /// k = 1, α divided by the window's size (Caffe).
    case caffe
    /// k = 2, α as it is (the paper, convnets-keras).
    case paper
  }

  public init() {}

  /// Parses assumptions as ``description`` writes them, such as `kernels=turned,channels=swapped`.
  public init?(_ text: String) {
    self.init()
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", omittingEmptySubsequences: false)
      guard pair.count == 2 else { return nil }
      switch (pair[0], pair[1]) {
      case ("channels", "swapped"): swapsChannels = true
      case ("kernels", "turned"): turnsKernels = true
      case ("rows", "swapped"): swapsRows = true
      case ("preprocessing", let name):
        guard let known = Preprocessing.Name(rawValue: String(name)) else { return nil }
        preprocessing = known
      case ("lrn", let name):
        guard let known = Response(rawValue: String(name)) else { return nil }
        response = known
      default: return nil
      }
    }
  }

  /// What can be assumed, for help and errors.
  public static let grammar =
    "channels=swapped, kernels=turned, rows=swapped, "
    + "lrn=\(Response.allCases.map(\.rawValue).joined(separator: "|")), "
    + "preprocessing=\(Preprocessing.Name.allCases.map(\.rawValue).joined(separator: "|"))"

  /// The network under these assumptions.
  func apply(to network: Architecture) -> Architecture {
    var network = network
    if let preprocessing { network.preprocessing = preprocessing.preprocessing }
    if swapsChannels { network.preprocessing.swapChannels() }
    if let response {
      network.changeLayers { layer in
        guard case .responseNormalization(var rule) = layer.operation else { return }
        (rule.k, rule.convention) = response == .caffe ? (1, .divided) : (2, .undivided)
        layer.operation = .responseNormalization(rule)
      }
    }
    return network
  }

  /// Every combination of what a file may be otherwise than its layout says, these assumptions' own
  /// preprocessing kept.
  func rereadings(of network: Architecture) -> [WeightReading] {
    var found = [self]
    func double(_ change: (inout WeightReading) -> Void) {
      found += found.map { reading in
        var other = reading
        change(&other)
        return other
      }
    }
    double { $0.swapsChannels.toggle() }
    double { $0.turnsKernels.toggle() }
    let flattens = network.weightedLayers.contains { layer in
      if case .dense(_, .some, _) = layer.kind { true } else { false }
    }
    if flattens { double { $0.swapsRows.toggle() } }
    let own = apply(to: network).layers
    let other = Response.allCases.first { response in
      var reading = self
      reading.response = response
      return reading.apply(to: network).layers != own
    }
    if let other { double { $0.response = other } }
    return found
  }

  /// The conventions of preprocessing other than the one these assumptions lead to.
  func otherPreprocessings(of network: Architecture) -> [WeightReading] {
    // The publisher's comes first: among equals it is the one to name.
    ([nil] + Preprocessing.Name.allCases.map { $0 }).compactMap { name in
      var reading = self
      (reading.preprocessing, reading.swapsChannels) = (name, false)
      let isOwn =
        reading.apply(to: network).preprocessing == apply(to: network).preprocessing
      return isOwn ? nil : reading
    }
  }
}

extension WeightReading: CustomStringConvertible {
  /// How many assumptions these are.
  var assumptionCount: Int { description.split(separator: ",").count }

  /// The assumptions as ``init(_:)`` takes them; empty for none.
  public var description: String {
    let parts: [String?] = [
      preprocessing.map { "preprocessing=\($0.rawValue)" },
      swapsChannels ? "channels=swapped" : nil, turnsKernels ? "kernels=turned" : nil,
      swapsRows ? "rows=swapped" : nil, response.map { "lrn=\($0.rawValue)" },
    ]
    return parts.compactMap { $0 }.joined(separator: ",")
  }
}
