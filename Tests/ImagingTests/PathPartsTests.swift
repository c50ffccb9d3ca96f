import Imaging
import Testing

@Suite("Parts of paths")
struct PathPartsTests {
  @Test(
    "folder, stem and extension of any path",
    arguments: [
      ("c", ".", "c", ""), ("a.png", ".", "a", "png"), ("a/b.PNG", "a", "a/b", "png"),
      ("/c", "/", "/c", ""), ("/a/b/c.tar.gz", "/a/b", "/a/b/c.tar", "gz"),
      (".hidden", ".", ".hidden", ""), ("a/.hidden", "a", "a/.hidden", ""),
      ("a.b/c", "a.b", "a.b/c", ""), ("a.", ".", "a", ""), ("", ".", "", ""), ("/", "/", "/", ""),
      ("ä.é", ".", "ä", "é"),
    ])
  func parts(path: String, folder: String, stem: String, fileExtension: String) {
    let parts = PathParts(path)
    #expect(parts.folder == folder)
    #expect(parts.stem == stem)
    #expect(parts.fileExtension == fileExtension)
  }
}
