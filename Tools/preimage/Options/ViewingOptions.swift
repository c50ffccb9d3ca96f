import ArgumentParser
import Inversion

/// How a network sees the picture that is sought.
struct ViewingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "At how many places along each side the network sees the picture in turn, by chance.")
  var jitter = 1

  @Option(
    parsing: .unconditional,
    help: "By what share the network sees it larger or smaller at most, by chance: 0 ... 0.5.")
  var scaling: Float = 0

  @Option(
    parsing: .unconditional, help: "By how many degrees it is turned at most, by chance: 0 ... 180."
  )
  var rotation: Float = 0

  @Flag(help: "Hide behind grey what is far from the middle, so that nothing is drawn there.")
  var round = false

  func validate() throws {
    try RunOptions.check(jitter, "--jitter", in: 1...256)
    guard (0...0.5).contains(scaling), (0...180).contains(rotation) else {
      throw ValidationError("--scaling takes a number from 0 to 0.5, --rotation one from 0 to 180")
    }
  }

  func apply(to viewing: inout Viewing) {
    (viewing.jitter, viewing.scaling, viewing.rotation) = (jitter, scaling, rotation)
    viewing.isRound = round
  }
}
