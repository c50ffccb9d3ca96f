import Foundation
import Imaging
import Synchronization

/// What there is to be shown of a search; the search writes it and the browsers read it.
package final class ShownSearch: Sendable {
  private let clock = ContinuousClock()
  private let state = Mutex(State())

  package init() {}

  private struct State {
    var moment = Moment()
    var first = 0
    var start = ContinuousClock.now
    var count = 0
    /// The last few, for one may be asked for again that is no longer shown.
    var snapshots: [LiveView.Snapshot] = []
    var lastSnapshot: ContinuousClock.Instant?
    /// When a browser last asked.
    var lastLook: ContinuousClock.Instant?
    var isStopRequested = false
    /// Whether the end has been told to someone.
    var isEndKnown = false

    /// A browser asks every second; one that has not for a while is gone.
    func isLookedAt(_ now: ContinuousClock.Instant) -> Bool {
      lastLook.map { now - $0 < .seconds(5) } ?? false
    }
  }

  /// What a browser is shown.
  package struct Moment {
    package var title = ""
    package var iterations = 0
    package var done = 0
    package var secondsLeft: Double?
    package var curves: [Curve] = []
    package var snapshot: LiveView.Snapshot?
    /// How it ended.
    package var end: String?
  }

  package func begin(_ title: String, iterations: Int, from first: Int) {
    state.withLock { state in
      state.moment = Moment(title: title, iterations: iterations, done: first)
      (state.first, state.start) = (first, clock.now)
      state.lastSnapshot = nil
    }
  }

  package func show(
    iteration: Int, values: [(name: String, value: Double)], picture: () -> Picture
  ) {
    let now = clock.now
    let isLookedAt = state.withLock { state in
      state.moment.done = iteration + 1
      if state.moment.curves.isEmpty { state.moment.curves = values.map { Curve($0.name) } }
      for (index, value) in values.enumerated() where index < state.moment.curves.count {
        state.moment.curves[index].add(Double(iteration), value.value)
      }
      let isDue = state.lastSnapshot.map { now - $0 >= .milliseconds(500) } ?? true
      return isDue && state.isLookedAt(now)
    }
    guard isLookedAt else { return }
    // The browsers are not kept waiting for it.
    let shown = picture()
    state.withLock { state in
      state.count += 1
      let snapshot = LiveView.Snapshot(
        number: state.count, title: state.moment.title, iteration: iteration, picture: shown)
      state.snapshots = state.snapshots.suffix(5) + [snapshot]
      state.moment.snapshot = snapshot
      state.lastSnapshot = now
    }
  }

  /// What there is now, for a browser that looks.
  package func look() -> Moment {
    state.withLock { state in
      let now = clock.now
      state.lastLook = now
      state.isEndKnown = state.moment.end != nil
      var moment = state.moment
      let done = moment.done - state.first
      if done > 0 {
        let seconds = (now - state.start) / .seconds(1)
        moment.secondsLeft = seconds / Double(done) * Double(moment.iterations - moment.done)
      }
      return moment
    }
  }

  package func snapshot(_ number: Int) -> LiveView.Snapshot? {
    state.withLock { $0.snapshots.first { $0.number == number } }
  }

  package func stop() { state.withLock { $0.isStopRequested = true } }

  package var isStopRequested: Bool { state.withLock { $0.isStopRequested } }

  package func end(_ message: String) {
    state.withLock { $0.moment.end = message }
  }

  /// Whether someone looks who does not know yet that it has ended.
  package var isAwaited: Bool {
    state.withLock { !$0.isEndKnown && $0.isLookedAt(clock.now) }
  }
}

/// Numbers over iterations, in bounded memory: of a long run every second, fourth, … is kept.
package struct Curve {
  package let name: String
  package private(set) var points: [(x: Double, y: Double)] = []
  private var stride = 1
  private var count = 0

  package init(_ name: String) { self.name = name }

  package mutating func add(_ x: Double, _ y: Double) {
    defer { count += 1 }
    guard count % stride == 0 else { return }
    points.append((x, y))
    guard points.count >= 2000 else { return }
    points = points.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    stride *= 2
  }
}
