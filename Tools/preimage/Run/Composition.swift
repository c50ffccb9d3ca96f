import DIP
import Engine

/// What the parts of a restoration are put together to.
struct Composition {
  var found: Mosaic
  /// The deviation of the iterates, where there is one.
  var uncertainty: Mosaic?

  /// Begins with what was put together before an interruption.
  ///
  /// - Throws: ``FileError`` where it is of another picture.
  init(of shape: Shape, _ keeper: RunKeeper) throws {
    func kept(_ name: String) throws -> Mosaic? {
      guard let sum = keeper.pictures[name], let weights = keeper.pictures["\(name) weights"]
      else { return nil }
      guard sum.shape == shape, let mosaic = Mosaic(sum: sum, weights: weights) else {
        throw keeper.damaged("its pictures")
      }
      return mosaic
    }
    found = try kept("found") ?? Mosaic(channels: shape[1], height: shape[2], width: shape[3])
    uncertainty = try kept("uncertainty")
  }

  mutating func add(_ solution: Solution, at region: Region, overlap: Int) {
    // Where no rule tells the best, the last.
    let picture =
      solution.posterior?.mean ?? solution.best?.average ?? solution.average
    found.add(picture, at: region, overlap: overlap)
    guard let deviation = solution.posterior?.deviation else { return }
    let shape = found.sum.shape
    var mosaic =
      uncertainty ?? Mosaic(channels: shape[1], height: shape[2], width: shape[3])
    mosaic.add(deviation, at: region, overlap: overlap)
    uncertainty = mosaic
  }

  /// To go on with, by name.
  var pictures: [String: Tensor] {
    var pictures = ["found": found.sum, "found weights": found.weights]
    if let uncertainty {
      pictures["uncertainty"] = uncertainty.sum
      pictures["uncertainty weights"] = uncertainty.weights
    }
    return pictures
  }
}
