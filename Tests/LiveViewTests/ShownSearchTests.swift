import Engine
import Imaging
import LiveView
import TestSupport
import Testing

/// What a search leaves to be shown.
@Suite("Shown search")
struct ShownSearchTests {
  static let picture = Picture(colour: Tensor.hashed("live", [1, 3, 8, 8], in: 0..<1))

  @Test("the picture is asked for only where someone looks, and not for every iteration")
  func looked() {
    let search = ShownSearch()
    search.begin("search", iterations: 100, from: 0)
    search.show(iteration: 0, values: [("loss", 3)]) {
      Issue.record("nobody looks")
      return Self.picture
    }
    #expect(search.look().snapshot == nil)
    var asked = 0
    for iteration in 1..<50 {
      search.show(iteration: iteration, values: [("loss", 2)]) {
        asked += 1
        return Self.picture
      }
    }
    #expect(asked == 1)
    let moment = search.look()
    #expect(moment.done == 50 && moment.iterations == 100 && moment.title == "search")
    #expect(moment.curves.map(\.name) == ["loss"])
    #expect(moment.curves.first?.points.count == 50)
    #expect(moment.snapshot?.iteration == 1)
    #expect(search.snapshot(moment.snapshot?.number ?? 0)?.title == "search")
    #expect(search.snapshot(7) == nil)
  }

  @Test("what is left takes as long as what is done, from where it was gone on")
  func time() throws {
    let search = ShownSearch()
    search.begin("search", iterations: 1000, from: 900)
    #expect(search.look().secondsLeft == nil)
    search.show(iteration: 949, values: []) { Self.picture }
    let left = try #require(search.look().secondsLeft)
    #expect(left > 0 && left < 60)
  }

  @Test("the end is waited for only until it is known")
  func end() {
    let search = ShownSearch()
    search.end("done")
    #expect(!search.isAwaited)
    let watched = ShownSearch()
    _ = watched.look()
    watched.end("done")
    #expect(watched.isAwaited)
    #expect(watched.look().end == "done")
    #expect(!watched.isAwaited)
  }

  @Test("a long curve is thinned evenly")
  func thinned() throws {
    var curve = Curve("loss")
    for index in 0..<100_000 { curve.add(Double(index), Double(-index)) }
    #expect(curve.points.count < 2000 && curve.points.count > 900)
    #expect(curve.points.allSatisfy { $0.y == -$0.x })
    let steps = zip(curve.points.dropFirst(), curve.points).map { $0.x - $1.x }
    #expect(Set(steps).count == 1)
    #expect(curve.points.first?.x == 0)
    #expect(try #require(curve.points.last?.x) > 99_000)
  }
}
