import Engine
import Foundation
import Imaging
import TestSupport
import Testing

/// What users get wrong ends in one line that names the file and the remedy, and touches nothing.
@Suite("Bad input")
struct BadInputTests {
  /// A folder with pictures good and bad, a file of weights, and an output from before.
  private static func prepare(_ folder: URL) throws {
    func path(_ name: String) -> String { folder.appending(path: name).path }
    func picture(_ side: Int) -> Picture {
      Picture(colour: Tensor.hashed("bad.input", [1, 3, side, side], in: 0..<1))
    }
    try picture(32).write(to: path("good.png"))
    try picture(1).write(to: path("dot.png"))
    try picture(20).write(to: path("small.png"))
    try picture(33).write(to: path("wide.png"))
    for (name, side, grey) in [("black", 32, 0), ("white", 32, 1), ("dark", 5, 0)] {
      try Picture(colour: Tensor([1, 1, side, side], repeating: Float(grey)))
        .write(to: path("\(name).png"))
    }
    try Picture(colour: picture(32).colour, alpha: Tensor([1, 1, 32, 32]))
      .write(to: path("clear.png"))
    let whole = try Data(contentsOf: URL(filePath: path("good.png")))
    try whole.prefix(whole.count / 2).write(to: URL(filePath: path("cut.png")))
    var corrupt = whole
    corrupt[corrupt.count / 2] ^= 0xff
    try corrupt.write(to: URL(filePath: path("corrupt.png")))
    // The header's sides, with a checksum that fits.
    var huge = whole
    huge.replaceSubrange(16..<24, with: [0, 0, 0x9c, 0x40, 0, 0, 0x9c, 0x40])
    huge.replaceSubrange(29..<33, with: checksum(huge[12..<29]))
    try huge.write(to: URL(filePath: path("huge.png")))
    try Data().write(to: URL(filePath: path("empty.png")))
    try Data("a picture of a cat".utf8).write(to: URL(filePath: path("text.png")))
    try Data("before".utf8).write(to: URL(filePath: path("out.png")))
    for name in ["vgg16_block1.h5", "not_finite.h5"] {
      try FileManager.default.copyItem(
        atPath: Fixtures.path("weights/\(name)"), toPath: path(name))
    }
    let weights = try Data(contentsOf: URL(filePath: path("vgg16_block1.h5")))
    try weights.prefix(5000).write(to: URL(filePath: path("cut.h5")))
  }

  /// The CRC-32 of PNG's chunks (ISO 3309).
  private static func checksum(_ bytes: Data) -> [UInt8] {
    var value: UInt32 = 0xffff_ffff
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
    }
    return withUnsafeBytes(of: (~value).bigEndian) { Array($0) }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var arguments: String
    var status: Int32 = 1
    var texts: [String]

    init(_ arguments: String, _ status: Int32 = 1, _ texts: String...) {
      (self.arguments, self.status, self.texts) = (arguments, status, texts)
    }

    var testDescription: String { arguments }
  }

  private static let vgg = "--network vgg16 --weights vgg16_block1.h5"

  static let cases = [
    Case("denoise absent.png -o out.png", 1, "absent.png: there is no such file"),
    Case("denoise . -o out.png", 1, ".: a folder"),
    Case("denoise empty.png -o out.png", 1, "empty.png: the file is empty"),
    Case("denoise text.png -o out.png", 1, "text.png: not a PNG or JPEG but text"),
    Case("denoise cut.png -o out.png", 1, "cut.png: cut short"),
    Case("denoise corrupt.png -o out.png", 1, "corrupt.png: "),
    Case("denoise huge.png -o out.png", 1, "huge.png: ", "40000 × 40000"),
    Case("denoise dot.png -o out.png", 1, "dot.png: ", "1×1", "at least 16"),
    Case("denoise good.png -o absent/out.png", 1, "absent/out.png: ", "no folder absent"),
    Case("denoise good.png -o good.png", 64, "good.png", "also an input"),
    Case("denoise good.png -o .", 1, ".: cannot be written: it is a folder"),
    Case("denoise good.png -o out.jpg", 64, "out.jpg", ".png"),
    Case("denoise good.png -o out.png --trace out.png", 64, "--trace out.png", "another output"),
    Case("denoise good.png -o out.png --summary /dev/null", 1, "/dev/null: cannot be written"),
    Case("denoise good.png -o out.png --iterations 0", 64, "--iterations", "not 0"),
    Case("denoise good.png -o out.png --iterations -3", 64, "--iterations", "not -3"),
    Case("denoise good.png -o out.png --iterations many", 64, "'many'", "--iterations"),
    Case("denoise good.png -o out.png --runs 0", 64, "--runs", "not 0"),
    Case("denoise good.png -o out.png --tile 8", 64, "--tile", "from 32"),
    Case("denoise good.png -o out.png --memory 4X", 64, "'4X'", "--memory"),
    Case("denoise good.png -o out.png --memory 70M", 64, "holds not even a small tile"),
    Case("denoise good.png -o out.png --memory 1G --tile 64", 64, "leave out --tile"),
    Case("superres good.png -o out.png --factor 2.5 --tile 64", 1, "good.png: tiles do not meet"),
    Case("denoise good.png -o out.png --uncertainty u.png", 64, "--sgld"),
    Case("denoise good.png -o out.png --sgld --uncertainty out.png", 64, "another output"),
    Case("denoise good.png -o out.png --sgld --iterations 100", 64, "--burn-in 7000 leaves"),
    Case("denoise good.png -o out.png --sgld --stop emv", 64, "needs no --stop"),
    Case("denoise good.png -o out.png --threads 0", 64, "--threads", "not 0"),
    Case("denoise good.png -o out.png --seed -1", 64, "'-1'", "--seed"),
    Case("denoise good.png -o out.png --clean small.png", 1, "small.png: 20×20", "32×32"),
    Case("denoise good.png -o out.png --clean absent.png", 1, "absent.png: there is no such"),
    Case("denoise good.png -o out.png --prior magic", 64, "'magic'", "- decoder"),
    Case(
      "denoise good.png -o out.png --prior fourier --depth 3", 64,
      "--depth does not go with --prior fourier; leave it out, or choose dip, decoder, unet or resnet"
    ),
    Case(
      "denoise good.png -o out.png --prior unet --skip 3", 64,
      "--skip does not go with --prior unet; leave it out, or choose dip"),
    Case(
      "denoise good.png -o out.png --magnitude good.png", 64,
      "--magnitude does not go with --prior dip; leave it out, or choose maco"),
    Case(
      "denoise good.png -o out.png --tv-beta 2", 64, "--tv-beta needs a weight; give --tv too"),
    Case("denoise good.png -o out.png --alpha 6", 64, "--alpha needs a weight; give --alpha-norm"),
    Case("denoise good.png -o out.png --tv -1", 64, "--tv takes a number from 0 on, not -1.0"),
    Case("denoise good.png -o out.png --depth 0", 64, "--depth takes a number from 1 to 8, not 0"),
    Case(
      "denoise good.png -o out.png --prior maco --magnitude absent.png", 1,
      "absent.png: there is no such file"),
    Case("denoise good.png -o out.png --prior maco --magnitude out.png", 64, "also an input"),
    Case("denoise good.png", 64, "--output"),
    Case("denoize good.png", 64, "denoize"),
    Case("inpaint good.png -o out.png", 64, "good.png has no transparency; give a --mask"),
    Case("inpaint clear.png -o out.png", 1, "clear.png: the picture is transparent everywhere"),
    Case("inpaint good.png --mask black.png -o out.png", 1, "black.png: the mask is black every"),
    Case("inpaint good.png --mask white.png -o out.png", 1, "white.png: the mask is white every"),
    Case("inpaint good.png --mask black.png --missing 0.5 -o out.png", 64, "not both"),
    Case("inpaint good.png --missing 0 -o out.png", 64, "--missing", "between 0 and 1", "not 0"),
    Case("inpaint good.png --missing 1 -o out.png", 64, "--missing", "between 0 and 1", "not 1"),
    Case("inpaint good.png --missing -0.5 -o out.png", 64, "--missing", "not -0.5"),
    Case("inpaint good.png --missing nan -o out.png", 64, "--missing", "not nan"),
    Case("inpaint good.png --missing 1e-9 -o out.png", 1, "good.png: --missing", "hidden none"),
    Case("inpaint good.png --mask small.png -o out.png", 1, "small.png: the mask has 20×20"),
    Case("superres good.png --factor 1 -o out.png", 64, "--factor", "above 1 and up to 64"),
    Case("superres good.png --factor nan -o out.png", 64, "--factor", "not nan"),
    Case("superres good.png --factor 65 -o out.png", 64, "--factor", "not 65"),
    Case(
      "superres small.png --factor 32 -o out.png", 1, "small.png: cannot enlarge by 32", "to 20"),
    Case("superres good.png --factor 2 --filter magic -o out.png", 64, "'magic'", "'bicubic'"),
    Case("deblur good.png -o out.png", 64, "--kernel, --gaussian, --disc and --motion"),
    Case("deblur good.png --disc 2 --gaussian 2 -o out.png", 64, "give one of --kernel"),
    Case(
      "deblur good.png --kernel small.png -o out.png", 1, "small.png: the kernel has 20×20", "odd"),
    Case(
      "deblur good.png --kernel wide.png -o out.png", 1, "wide.png: the kernel has 33×33", "32×32"),
    Case("deblur good.png --kernel dark.png -o out.png", 1, "dark.png: the kernel is black every"),
    Case("deblur good.png --kernel empty.png -o out.png", 1, "empty.png: the file is empty"),
    Case("deblur good.png --gaussian 0 -o out.png", 64, "deviation of 0.0", "above 0.0"),
    Case("deblur good.png --gaussian 5 -o out.png", 1, "good.png: the kernel has 41×41", "smaller"),
    Case("deblur good.png --disc -1 -o out.png", 64, "radius of -1.0"),
    Case("deblur good.png --motion 5 -o out.png", 64, "'5'", "--motion"),
    Case("deblur good.png --motion 0,5 -o out.png", 64, "length of 0.0", "from 1.0 to 255.0"),
    Case("flash good.png --flash small.png -o out.png", 1, "small.png: the picture with", "20×20"),
    Case("flash good.png -o out.png", 64, "--flash"),
    Case("dejpeg absent.jpg -o out.png", 1, "absent.jpg: there is no such file"),
    Case("detail good.png --strength 1000 -o out.png", 64, "--strength", "not 1000"),
    Case("superres good.png --factor 4 --clean small.png -o out.png", 1, "small.png", "128×128"),
    Case("classify --network vgg --weights cut.h5 good.png", 1, "'vgg'", "'vgg16', 'vgg19'"),
    Case("classify --network vgg good.png", 1, "'vgg'", "'vgg16', 'vgg19'"),
    Case(
      "classify --network vgg16 good.png", 1,
      "the weights of vgg16 do not ship with preimage; give a file with --weights "
        + "('preimage networks fetch vgg16' gets one)"),
    Case("classify --network vgg16 --weights cut.h5 good.png", 1, "cut.h5: cut short"),
    Case(
      "classify --network vgg16 --weights good.png good.png", 1,
      "good.png: a PNG picture, not a file of weights; give HDF5"),
    Case("classify --network vgg16 --weights absent.h5 good.png", 1, "absent.h5: there is no"),
    Case("classify --network vgg16 --weights not_finite.h5 good.png", 1, "not_finite.h5: "),
    Case("classify --network net.onnx --weights cut.h5 good.png", 64, "leave out --weights"),
    Case("classify --network net.onnx good.png", 1, "net.onnx: there is no such file"),
    Case("classify \(vgg) good.png", 1, "vgg16_block1.h5: ", "conv2_1 is missing", "up to pool1"),
    Case("invert \(vgg) good.png --layer conv1_3 -o out.png", 1, "'conv1_3'", "'conv1_1'"),
    Case("invert \(vgg) good.png --layer conv4_1 -o out.png", 1, "vgg16_block1.h5: ", "missing"),
    Case("invert \(vgg) good.png --layer pool1:-2 -o out.png", 64, "pool1:-2", "--layer"),
    Case("invert \(vgg) good.png --layer pool1 --prior magic -o out.png", 64, "'magic'", "- tv"),
    Case("invert \(vgg) good.png --layer pool1 --size 8 -o out.png", 64, "--size", "not 8"),
    Case("maximize \(vgg) --class zebra -o out.png", 1, "vgg16_block1.h5: ", "missing"),
    Case("maximize \(vgg) --layer pool1 --channel 64 -o out.png", 1, "channel 64", "0 to 63"),
    Case(
      "maximize \(vgg) --layer pool1 --channel 1:2,64:-1 -o out.png", 1, "channel 64", "0 to 63"),
    Case("maximize \(vgg) --layer pool1 --channel 1:x -o out.png", 64, "--channel"),
    Case("maximize \(vgg) --layer pool1 --channel -1 -o out.png", 64, "--channel"),
    Case("maximize \(vgg) --layer pool1 --channel 1 --neuron 1,500 -o out.png", 1, "neuron 1,500"),
    Case("maximize \(vgg) --layer pool1 -o out.png", 64, "--channel"),
    Case(
      "maximize \(vgg) --layer pool1 --caricature good.png --dream good.png -o out.png", 64,
      "neither each other"),
    Case("maximize \(vgg) --layer pool1 --dream good.png -o out.png", 64, "--prior pixels and tv"),
    Case("maximize \(vgg) --layer pool1 --caricature none.png -o out.png", 1, "none.png"),
    Case("maximize \(vgg) --layer pool1 --channel 1 --rotation 181 -o out.png", 64, "0 to 180"),
    Case("maximize \(vgg) --layer pool1 --channel 1 --target nan -o out.png", 64, "--target takes"),
    Case(
      "maximize --network textures --class dots:1,bricks:-1 --target 9 -o out.png", 64,
      "--target is a distance", "weights above 0"),
    Case(
      "maximize \(vgg) --layer pool1 --channel 1 --diversity 1 -o out.png", 64, "go with --pictures"
    ),
    Case(
      "maximize \(vgg) --layer pool1 --channel 1 --pictures 1 -o out.png", 64, "from 2 to 100"),
    Case(
      "maximize \(vgg) --layer pool1 --channel 1 --pictures 2 --resume -o out.png", 64,
      "--resume is for a search of one picture"),
    Case(
      "maximize \(vgg) --layer pool1 --channel 1 --pictures 2 --diversity-layer x -o new", 1, "'x'"),
    Case("networks list inception", 1, "'inception'", "known are"),
    Case("networks inspect text.png", 1, "text.png: text, not a file of weights; give HDF5"),
    Case("demo -o good.png", 1, "good.png: "),
    // Names of one character.
    Case("denoise good.png -o c", 64, "--output c: pictures are written as PNG"),
    Case("denoise c -o d.png --trace t --summary s --checkpoint p", 1, "c: there is no such file"),
  ]

  @Test("one line, the right exit code, nothing touched", arguments: cases)
  func oneLine(_ test: Case) throws {
    try withTemporaryFolder { folder in
      try Self.prepare(folder)
      let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      let run = try PreimageProcess(
        test.arguments.split(separator: " ").map(String.init), in: folder)
      #expect(run.status == test.status)
      #expect(run.output.isEmpty)
      #expect(run.errors.hasPrefix("preimage: ") && run.errors.hasSuffix("\n"))
      #expect(run.errors.count { $0 == "\n" } == 1)
      for text in test.texts { #expect(run.errors.contains(text)) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
      #expect(
        try String(contentsOf: folder.appending(path: "out.png"), encoding: .utf8) == "before")
    }
  }

  @Test("a killed run leaves what was there")
  func killed() throws {
    try withTemporaryFolder { folder in
      try Self.prepare(folder)
      let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      let process = Process()
      process.executableURL = try PreimageProcess.products().appending(path: "preimage")
      process.arguments = "denoise good.png -o out.png --iterations 1000000 -q --trace t.csv"
        .split(separator: " ").map(String.init)
      process.currentDirectoryURL = folder
      try process.run()
      Thread.sleep(forTimeInterval: 1)
      #expect(process.isRunning)
      // Not by SIGINT, which threads of a test runner block and their children inherit.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
      #expect(
        try String(contentsOf: folder.appending(path: "out.png"), encoding: .utf8) == "before")
    }
  }
}
