// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
/// What the committed code was generated from (Tools/generate-schemas).
let schemas = ["Skeleton", "Caffe", "ONNX"]
let strictC: [CSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
  name: "preimage",
  products: [
    .executable(name: "preimage", targets: ["preimage"]),
    .library(
      name: "Preimage",
      targets: [
        "Engine", "Imaging", "DIP", "PretrainedNets", "Inversion", "Reporting", "Diagnosis",
        "LiveView",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    // System libraries: module maps, and inline wrappers for what Swift cannot import.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(
      name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    // C: the hot loops, the picture codecs (their libraries report errors by longjmp, which must
    // not cross Swift frames) and HTTP (libcurl is set up by variadic functions).
    .target(name: "CKernels", dependencies: ["COpenBLAS"], cSettings: strictC),
    .target(
      name: "CPictureCodecs", cSettings: strictC,
      linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg")]),
    .target(
      name: "CHTTP", cSettings: strictC, linkerSettings: [.linkedLibrary("curl")]),

    .target(name: "Engine", dependencies: ["CKernels"], swiftSettings: strict),
    .target(name: "Imaging", dependencies: ["Engine", "CPictureCodecs"], swiftSettings: strict),
    .target(name: "DIP", dependencies: ["Engine"], swiftSettings: strict),
    .target(
      name: "PretrainedNets",
      dependencies: [
        "Engine", "Imaging", "CHDF5", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: schemas.map { "Weights/Formats/Protobuf/Schemas/\($0).proto" },
      swiftSettings: strict),
    .target(name: "Inversion", dependencies: ["DIP", "PretrainedNets"], swiftSettings: strict),
    .target(name: "Reporting", dependencies: ["Imaging"], swiftSettings: strict),
    .target(
      name: "LiveView",
      dependencies: [
        "Imaging", "Reporting", .product(name: "FlyingFox", package: "FlyingFox"),
        .product(name: "FlyingSocks", package: "FlyingFox"),
      ],
      swiftSettings: strict),
    .target(
      name: "Diagnosis",
      dependencies: ["Engine", "Imaging", "DIP", "PretrainedNets", "Inversion", "Reporting"],
      swiftSettings: strict),

    .target(
      name: "Fetching",
      dependencies: ["Imaging", "PretrainedNets", "ShippedFiles", "CHTTP", "CLibcrypto"],
      swiftSettings: strict),

    // What ships with the project, as it lies in the folder.
    .target(
      name: "ShippedFiles", path: "weights", exclude: ["README.md"],
      resources: [
        .copy("manifest.json"), .copy("textures.h5"), .copy("textures_faulty.h5"),
        .copy("spirals.png"),
      ], swiftSettings: strict),

    // What the commands share: progress, and messages on standard error.
    .target(name: "Terminal", path: "Tools/terminal", swiftSettings: strict),

    .executableTarget(
      name: "preimage",
      dependencies: [
        "Engine", "Imaging", "DIP", "PretrainedNets", "Inversion", "Diagnosis", "Fetching",
        "LiveView", "Reporting", "ShippedFiles", "Terminal",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tools/preimage", swiftSettings: strict),

    // The networks that ship: their pictures and their training.
    .target(
      name: "Textures", dependencies: ["Engine", "Imaging"], path: "Tools/train-textures/Textures",
      swiftSettings: strict),
    .target(
      name: "TextureTraining", dependencies: ["Textures", "Engine", "Imaging", "PretrainedNets"],
      path: "Tools/train-textures/Training", swiftSettings: strict),
    .executableTarget(
      name: "train-textures",
      dependencies: [
        "Textures", "TextureTraining", "Engine", "Imaging", "PretrainedNets", "Terminal",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tools/train-textures", exclude: ["Textures", "Training"], swiftSettings: strict),

    // The papers' experiments, run again.
    .executableTarget(
      name: "paper",
      dependencies: [
        "Engine", "Imaging", "DIP", "Reporting", "ShippedFiles", "Terminal", "Textures",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tools/paper", swiftSettings: strict),

    // The benchmark, and what counts its allocations.
    .target(
      name: "CAllocationCounter", path: "Tools/benchmarks/CAllocationCounter",
      cSettings: strictC),
    .executableTarget(
      name: "bench",
      dependencies: [
        "Engine", "DIP", "PretrainedNets", "Inversion", "CAllocationCounter", "COpenBLAS",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tools/benchmarks",
      exclude: ["CAllocationCounter", "pytorch_worker.py", "torch_weights.py"],
      swiftSettings: strict),

    // Tries the readers of files with bytes that are no good.
    .executableTarget(
      name: "fuzz", dependencies: ["PretrainedNets"], path: "Tools/fuzz", exclude: ["run"],
      swiftSettings: strict),

    // The Swift of the documentation, which the tests compare with it and run.
    .executableTarget(
      name: "example-restore", dependencies: ["DIP", "Engine", "Imaging"],
      path: "Tests/Examples/restore", swiftSettings: strict),
    .executableTarget(
      name: "example-understand",
      dependencies: ["Diagnosis", "Engine", "Imaging", "Inversion", "PretrainedNets"],
      path: "Tests/Examples/understand", swiftSettings: strict),
    .executableTarget(
      name: "example-watch", dependencies: ["DIP", "Engine", "Imaging", "LiveView"],
      path: "Tests/Examples/watch", swiftSettings: strict),
    .executableTarget(
      name: "example-write-weights", dependencies: ["Engine", "PretrainedNets"],
      path: "Tests/Examples/write-weights", swiftSettings: strict),

    // Tests mirror the sources.
    .target(
      name: "TestSupport", dependencies: ["Engine", "PretrainedNets", "ShippedFiles"],
      path: "Tests/TestSupport",
      swiftSettings: strict),
    .testTarget(
      name: "EngineTests", dependencies: ["Engine", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "ImagingTests", dependencies: ["Imaging", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "DIPTests", dependencies: ["DIP", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "PretrainedNetsTests",
      dependencies: ["PretrainedNets", "Imaging", "TestSupport", "fuzz"],
      swiftSettings: strict),
    .testTarget(
      name: "FetchingTests",
      dependencies: ["Fetching", "PretrainedNets", "ShippedFiles", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "InversionTests", dependencies: ["Inversion", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "DiagnosisTests",
      dependencies: ["Diagnosis", "ShippedFiles", "Textures", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "LiveViewTests",
      dependencies: [
        "LiveView", "Engine", "Imaging", "TestSupport",
        .product(name: "FlyingFox", package: "FlyingFox"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ReportingTests", dependencies: ["Reporting", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "preimage", "paper", "train-textures", "example-restore", "example-understand",
        "example-watch", "example-write-weights", "Engine", "Imaging", "ShippedFiles",
        "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "TextureTests",
      dependencies: [
        "Textures", "TextureTraining", "PretrainedNets", "ShippedFiles", "Imaging", "TestSupport",
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
