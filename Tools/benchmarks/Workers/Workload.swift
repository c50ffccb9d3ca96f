import Engine

/// Work that a worker process repeats for as long as the driver asks.
protocol Workload: Sendable {
  /// What `bench worker` calls it.
  var name: String { get }

  /// Sets the work up and repeats it, asking a ``WorkerSession`` before each iteration.
  func serve(on threads: ThreadPool) throws
}

/// All workloads.
enum Workloads {
  /// Iterations of whole solves.
  static let solves: [any Workload] = [
    DenoisingWorkload(side: 256),
    DenoisingWorkload(side: 512),
    DenoisingWorkload(side: 1024),
    DenoisingWorkload(network: .decoder, side: 512),
    InversionWorkload(name: "inversion-squeezenet", network: .squeezeNet1_1, layer: "fire4/concat"),
    InversionWorkload(name: "inversion-vgg16", network: .vgg16, layer: "conv3_3"),
  ]

  static var all: [any Workload] {
    let passes = ConvolutionShape.hot.flatMap { shape in
      ConvolutionPass.allCases.map { ConvolutionWorkload(shape: shape, pass: $0) }
    }
    return solves + passes + [MatrixProductWorkload()]
  }
}
