import Foundation
import Synchronization

/// Being asked to end by Ctrl-C or by the system.
package enum Interruption {
  private static let signal = Atomic<Int32>(0)

  /// The signal that came since ``watch()``, if one did.
  package static var received: Int32? {
    let number = signal.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// From now on the first SIGINT or SIGTERM is noted and no more; the second ends the process.
  package static func watch() {
    // Made before a handler could need it.
    signal.store(0, ordering: .relaxed)
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&signals, number)
      Foundation.signal(number) { number in
        Interruption.signal.store(number, ordering: .relaxed)
        Foundation.signal(number, SIG_DFL)
      }
    }
    // Whoever started the process may have blocked them, and it inherits that.
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
