import Engine
import Foundation
import Imaging
import TestSupport
import Testing

/// Real runs of the program at small sizes and few iterations.
@Suite("Commands")
struct RunTests {
  static func picture(
    _ channels: Int, side: Int = 24, alpha: Bool = false, depth: Picture.BitDepth = .eight
  ) -> Picture {
    Picture(
      colour: Tensor.hashed("run.colour", [1, channels, side, side], in: 0..<1),
      alpha: alpha ? Tensor.hashed("run.alpha", [1, 1, side, side], in: 0..<1) : nil,
      bitDepth: depth)
  }

  static func run(_ arguments: String, in folder: URL) throws -> PreimageProcess {
    let run = try PreimageProcess(arguments.split(separator: " ").map(String.init), in: folder)
    #expect(run.status == 0, "\(run.errors)")
    return run
  }

  static func summary(_ folder: URL) throws -> [String: Any] {
    let data = try Data(contentsOf: folder.appending(path: "s.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  static func rows(_ folder: URL) throws -> [[String]] {
    try String(contentsOf: folder.appending(path: "t.csv"), encoding: .utf8)
      .split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
  }

  @Test("denoise keeps depth and opacity, scores, traces and sums up")
  func denoise() throws {
    try withTemporaryFolder { folder in
      let given = Self.picture(1, alpha: true, depth: .sixteen)
      try given.write(to: folder.appending(path: "in.png").path)
      let run = try Self.run(
        "denoise in.png -o out.png --clean in.png --iterations 4 --seed 7 --trace t.csv "
          + "--summary s.json", in: folder)
      #expect(run.output.contains("out.png: 4 iterations in "))
      #expect(run.output.contains("PSNR"))
      #expect(run.errors.contains("denoise: 4/4"))

      let out = try Picture(contentsOf: folder.appending(path: "out.png").path)
      #expect(out.bitDepth == .sixteen)
      #expect(out.channels == 1)
      let read = try Picture(contentsOf: folder.appending(path: "in.png").path)
      #expect(out.alpha == read.alpha)

      let rows = try Self.rows(folder)
      #expect(rows.count == 5)
      #expect(rows[0] == ["iteration", "loss", "psnr", "psnr_average", "ssim"])
      #expect(rows.dropFirst().map { $0[0] } == ["0", "1", "2", "3"])
      #expect(rows.allSatisfy { $0.count == 5 })

      let summary = try Self.summary(folder)
      #expect(summary["task"] as? String == "denoise")
      #expect(summary["seed"] as? Int == 7)
      #expect(summary["iterations"] as? Int == 4)
      #expect(summary["stopped_by"] as? String == "iterations")
      for key in [
        "loss", "seconds", "seconds_per_iteration", "peak_rss_bytes", "psnr", "psnr_average",
        "ssim", "best_iteration",
      ] {
        #expect(summary[key] is NSNumber, "\(key)")
      }
      #expect(Double(rows[4][1]) == summary["loss"] as? Double)
      let average = psnr(out.colour, read.colour)
      #expect(abs(average - (summary["psnr_average"] as? Double ?? 0)) < 0.01)
    }
  }

  @Test(
    "every prior serves every restoration",
    arguments: [
      "dip --depth 2 --channels 8 --skip 0", "decoder --depth 3 --channels 8 --tv 0.1",
      "unet --depth 2 --channels 4", "resnet --depth 1 --channels 4 --alpha-norm 0.1", "pixels",
      "tv --tv 0.1 --tv-beta 2", "fourier", "maco", "maco --magnitude in.png",
    ])
  func priors(_ prior: String) throws {
    try withTemporaryFolder { folder in
      try Self.picture(3).write(to: folder.appending(path: "in.png").path)
      var mask = Picture(colour: Tensor([1, 1, 24, 24], repeating: 1))
      mask.colour[0, 0, 8, 5] = 0
      try mask.write(to: folder.appending(path: "mask.png").path)
      for command in [
        "denoise in.png", "inpaint in.png --mask mask.png", "superres in.png --factor 2",
      ] {
        _ = try Self.run(
          "\(command) -o out.png --iterations 3 -q --summary s.json --prior \(prior)", in: folder)
        let summary = try Self.summary(folder)
        let name = prior.split(separator: " ").first.map(String.init)
        #expect(summary["prior"] as? String == (name == "tv" ? "pixels" : name))
      }
    }
  }

  @Test("the same seed writes the same bytes on one and on two threads")
  func threads() throws {
    try withTemporaryFolder { folder in
      try Self.picture(3, side: 40).write(to: folder.appending(path: "in.png").path)
      for (name, options) in [
        ("a", "--seed 1 --threads 1"), ("b", "--seed 1 --threads 2"), ("c", "--seed 2 --threads 2"),
      ] {
        _ = try Self.run(
          "denoise in.png -o \(name).png --iterations 3 -q \(options)", in: folder)
      }
      let bytes = try ["a", "b", "c"].map {
        try Data(contentsOf: folder.appending(path: "\($0).png"))
      }
      #expect(bytes[0] == bytes[1])
      #expect(bytes[0] != bytes[2])
    }
  }

  @Test("inpaint keeps what is known", arguments: ["text", "region", "pixels"])
  func inpaint(holes: String) throws {
    try withTemporaryFolder { folder in
      let given = Self.picture(3)
      var mask = Picture(colour: Tensor([1, 1, 24, 24], repeating: 1))
      for x in 5..<15 { for y in 8..<12 { mask.colour[0, 0, y, x] = 0 } }
      try given.write(to: folder.appending(path: "in.png").path)
      try mask.write(to: folder.appending(path: "mask.png").path)
      let run = try Self.run(
        "inpaint in.png --mask mask.png --holes \(holes) -o out.png --iterations 2 --quiet",
        in: folder)
      #expect(run.errors.isEmpty)
      let read = try Picture(contentsOf: folder.appending(path: "in.png").path)
      let out = try Picture(contentsOf: folder.appending(path: "out.png").path)
      for y in 0..<24 {
        for x in 0..<24 {
          let isKnown = mask.colour[0, 0, y, x] == 1
          let isSame = (0..<3).allSatisfy { out.colour[0, $0, y, x] == read.colour[0, $0, y, x] }
          if isKnown { #expect(isSame) }
        }
      }
      // The hole is filled by a picture, not by one colour or by what was there.
      let hole = (5..<15).flatMap { x in (8..<12).map { y in out.colour[0, 1, y, x] } }
      #expect(Set(hole).count > 5)
      #expect(out != read)
    }
  }

  @Test("superres enlarges colour and opacity")
  func superResolution() throws {
    try withTemporaryFolder { folder in
      try Self.picture(3, alpha: true).write(to: folder.appending(path: "in.png").path)
      try Self.picture(3, side: 48).write(to: folder.appending(path: "large.png").path)
      let run = try Self.run(
        "superres in.png --factor 2 -o out.png --clean large.png --iterations 2 --quiet "
          + "--verbose", in: folder)
      #expect(run.errors.contains("GFLOP an iteration"))
      #expect(run.errors.contains("3×3, stride 2, reflection: forward panels"))
      #expect(run.output.contains("PSNR"))
      let out = try Picture(contentsOf: folder.appending(path: "out.png").path)
      #expect(out.colour.shape == [1, 3, 48, 48])
      #expect(out.alpha?.shape == [1, 1, 48, 48])
    }
  }

  @Test("invert tells the error of each layer", arguments: ["dip", "tv"])
  func invert(prior: String) throws {
    try withTemporaryFolder { folder in
      try Self.picture(3).write(to: folder.appending(path: "in.png").path)
      let run = try Self.run(
        "invert in.png --network vgg16 --weights \(Fixtures.path("weights/vgg16_block1.h5")) "
          + "--layer relu1_1,pool1:2 --prior \(prior) --size 32 -o out.png --iterations 3 --quiet "
          + "--trace t.csv --summary s.json", in: folder)
      #expect(run.output.contains("relu1_1") && run.output.contains("pool1"))
      #expect(
        try Self.rows(folder)[0] == [
          "iteration", "loss", "psnr", "psnr_average", "ssim", "feature_error relu1_1",
          "feature_error pool1",
        ])
      let errors = try #require(try Self.summary(folder)["feature_error"] as? [String: Double])
      #expect(Set(errors.keys) == ["relu1_1", "pool1"])
      let out = try Picture(contentsOf: folder.appending(path: "out.png").path)
      #expect(out.colour.shape == [1, 3, 32, 32])
    }
  }

  @Test(
    "maximize traces the excitation", arguments: ["", "--neuron 3,4", "--window 5"],
    ["9", "9,3:-0.5"])
  func maximize(place: String, channels: String) throws {
    try withTemporaryFolder { folder in
      _ = try Self.run(
        "maximize --network vgg16 --weights \(Fixtures.path("weights/vgg16_block1.h5")) "
          + "--layer conv1_2 --channel \(channels) \(place) --prior tv --size 32 -o out.png --iterations 5 "
          + "--quiet --trace t.csv --summary s.json", in: folder)
      let rows = try Self.rows(folder)
      #expect(rows[0] == ["iteration", "loss", "excitation"])
      #expect(try #require(Double(rows[5][2])) > (try #require(Double(rows[1][2]))))
      #expect(try Self.summary(folder)["excitation"] is NSNumber)
    }
  }

  @Test("networks are listed and files inspected")
  func networks() throws {
    try withTemporaryFolder { folder in
      #expect(try Self.run("networks list", in: folder).output.contains("vgg19"))
      let layers = try Self.run("networks list vgg16", in: folder).output
      #expect(layers.contains("conv1_1") && layers.contains("64×224×224"))
      let file = Fixtures.path("weights/vgg16_block1.h5")
      let inspected = try Self.run("networks inspect \(file)", in: folder).output
      #expect(inspected.contains("/block1_conv2/block1_conv2_W_1:0"))
      #expect(inspected.contains("3×3×64×64"))
      #expect(inspected.contains("serves vgg16: 2 of 16 layers with weights, up to pool1"))
      for name in ["float16.safetensors", "torch_zip.pth", "torch_legacy.pth"] {
        let file = Fixtures.path("weights/\(name)")
        let lines = try Self.run("networks inspect \(file)", in: folder).output
          .split(separator: "\n").map(String.init)
        #expect(lines[0] == "\(file): PyTorch, kernels (out, in, kh, kw)")
        let type = name.hasPrefix("float16") ? "float16" : "float32"
        let line = try #require(lines.first { $0.contains("conv1_1.weight") })
        #expect(line.contains("4×3×3×3") && line.hasSuffix(type))
      }
    }
  }

  @Test("the demonstration writes its pictures and a page that holds them")
  func demonstration() throws {
    try withTemporaryFolder { folder in
      let run = try Self.run("demo -o found --iterations 2 --quiet", in: folder)
      #expect(run.output.contains("report.html: 6 inversions and 6 maximisations"))
      #expect(run.errors.isEmpty)
      let files = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "found").path)
      let pictures = files.filter { $0.hasSuffix(".png") }
      #expect(pictures.count == 12 && files.count == 13)
      for name in pictures {
        let picture = try Picture(contentsOf: folder.appending(path: "found/\(name)").path)
        #expect(picture.colour.shape == [1, 3, 64, 64])
      }
      let page = try String(
        contentsOf: folder.appending(path: "found/report.html"), encoding: .utf8)
      // The original stands beside each layer's pictures.
      #expect(page.matches(of: #/<img /#).count == 15)
    }
  }

  @Test(
    "classify prints names and probabilities",
    .enabled(if: SharedData.isPresent, "needs the pictures and weights of ../shared"))
  func classify() throws {
    try withTemporaryFolder { folder in
      let weights = SharedData.path("weights/squeezenet1_1.caffemodel.h5")
      let picture = SharedData.path("images/dip/feature_inversion/monkey.jpg")
      let lines = try Self.run(
        "classify --network squeezenet1_1 --weights \(weights) \(picture)", in: folder
      ).output.split(separator: "\n")
      #expect(lines.count == 6)
      #expect(lines[1].contains("guenon (370)"))
    }
  }
}
