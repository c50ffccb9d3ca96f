import Fetching
import Foundation
import PretrainedNets
import ShippedFiles
import TestSupport
import Testing

@Suite("Manifest")
struct ManifestTests {
  private static func error(_ text: String) throws -> String? {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "m.json")
      try Data(text.utf8).write(to: file)
      do throws(FetchError) {
        _ = try Manifest(contentsOf: file)
        return nil
      } catch {
        return error.description.replacingOccurrences(of: folder.path + "/", with: "")
      }
    }
  }

  @Test("the shipped manifest has every network that is known")
  func shipped() throws {
    let manifest = try Manifest(contentsOf: ShippedFiles.manifest)
    for architecture in Architecture.all {
      let network = try manifest.network(named: architecture.name)
      #expect(network.name == architecture.name)
    }
    for network in manifest.networks {
      #expect(!network.citation.isEmpty)
      // What cannot be fetched says why.
      #expect(!network.files.isEmpty || network.note != nil, "\(network.name)")
      // One file a format, or --format could not choose.
      #expect(Set(network.files.map(\.format)).count == network.files.count, "\(network.name)")
      #expect(network.files.first?.digest != nil || network.files.isEmpty, "\(network.name)")
      for file in network.files {
        #expect(!file.licence.isEmpty)
        #expect(URL(string: file.url)?.lastPathComponent == file.name)
        guard let digest = file.digest else { continue }
        #expect(!digest.stated.isEmpty)
        // torchvision's digits are those of the name.
        if digest.kind == .sha256Prefix { #expect(file.name.hasSuffix("-\(digest.value).pth")) }
      }
    }
    #expect(Set(manifest.networks.map(\.name)).count == manifest.networks.count)
  }

  @Test("networks and formats are found by their names, or the nearest are named")
  func names() throws {
    let manifest = try Manifest(contentsOf: ShippedFiles.manifest)
    #expect(try manifest.network(named: "VGG-16").name == "vgg16")
    #expect(throws: ClassifierError.self) { try manifest.network(named: "resnet") }
    do {
      _ = try manifest.network(named: "resnet81")
    } catch {
      #expect(
        error.description
          == "there is no network 'resnet81'; did you mean 'resnet18', 'resnet50'?")
    }
    let network = try manifest.network(named: "vgg16")
    #expect(try network.file(format: nil).format == "h5")
    #expect(try network.file(format: "PTH").name == "vgg16-397923af.pth")
    #expect(
      throws: FetchError.noFormat(
        network: "vgg16", format: "onnx", known: ["h5", "caffemodel", "pth"])
    ) { try network.file(format: "onnx") }
    #expect(
      FetchError.noFormat(network: "vgg16", format: "onnx", known: ["h5", "pth"]).description
        == "vgg16 is not to be had as 'onnx'; there are h5, pth")
    #expect(throws: FetchError.noFiles(network: "n", note: "because")) {
      let network = try JSONDecoder().decode(
        Manifest.Network.self,
        from: Data(#"{"name": "n", "citation": "", "files": [], "note": "because"}"#.utf8))
      _ = try network.file(format: nil)
    }
    #expect(
      FetchError.noFiles(network: "n", note: "because").description
        == "n cannot be fetched: because")
  }

  private static let file = """
    {"networks": [{"name": "n", "citation": "", "files": [
      {"name": "NAME", "format": "h5", "url": "URL", "licence": "", "size": SIZE, "digest": DIGEST}
    ]}]}
    """

  /// The file with one thing in its place.
  private static func entry(
    name: String = "a.h5", url: String = "https://a.b/c", size: String = "null",
    digest: String = "null"
  ) -> String {
    file.replacingOccurrences(of: "NAME", with: name)
      .replacingOccurrences(of: "URL", with: url)
      .replacingOccurrences(of: "SIZE", with: size)
      .replacingOccurrences(of: "DIGEST", with: digest)
  }

  private static func digest(_ kind: String, _ value: String) -> String {
    #"{"kind": "\#(kind)", "value": "\#(value)", "stated": ""}"#
  }

  static let cases: [(text: String, reason: String?)] = [
    (entry(), nil),
    (entry(digest: digest("sha256-prefix", "0123abcd")), nil),
    ("", "no JSON that can be read"),
    ("[1, 2", "no JSON that can be read"),
    ("{}", "there is no 'networks' at "),
    (#"{"networks": [{"name": "n", "files": []}]}"#, "there is no 'citation' at .networks[0]"),
    (#"{"networks": 5}"#, "another type is expected at .networks"),
    (
      entry(digest: digest("crc32", "0123abcd")),
      "no known value at .networks[0].files[0].digest.kind"
    ),
    (entry(name: "../../etc/passwd"), "'../../etc/passwd': not the plain name of a file"),
    (entry(name: ".."), "'..': not the plain name of a file"),
    (entry(name: ""), "'': not the plain name of a file"),
    (
      entry(url: "file:///etc/passwd"),
      "'a.h5': 'file:///etc/passwd' is no address over http or https"
    ),
    (entry(url: "https://"), "'a.h5': 'https://' is no address over http or https"),
    (entry(url: "a.b/c"), "'a.h5': 'a.b/c' is no address over http or https"),
    (entry(size: "-1"), "'a.h5': the size -1 is negative"),
    (entry(size: "99999999999999999999"), "no JSON that can be read"),
    (
      entry(digest: digest("sha256-prefix", "0123abc")),
      "'a.h5': '0123abc' is no sha256-prefix in small hexadecimal digits"
    ),
    (
      entry(digest: digest("md5", "0123456789ABCDEF0123456789ABCDEF")),
      "'a.h5': '0123456789ABCDEF0123456789ABCDEF' is no md5 in small hexadecimal digits"
    ),
    (
      entry(digest: digest("sha1", "0123456789abcdef0123456789abcdef")),
      "'a.h5': '0123456789abcdef0123456789abcdef' is no sha1 in small hexadecimal digits"
    ),
  ]

  @Test("what is wrong with a manifest is told in one line", arguments: cases.indices)
  func bad(index: Int) throws {
    let (text, reason) = Self.cases[index]
    #expect(
      try Self.error(text)
        == reason.map { "m.json: not a manifest (\($0)); weights/README.md tells its form" })
  }

  @Test("an absent manifest")
  func absent() {
    #expect(throws: FetchError.manifest(file: "/absent.json", reason: "it cannot be read")) {
      try Manifest(contentsOf: URL(filePath: "/absent.json"))
    }
  }
}
