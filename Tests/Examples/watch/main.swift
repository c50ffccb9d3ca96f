import DIP
import Engine
import Imaging
import LiveView

let noisy = try Picture(contentsOf: "noisy.png")
var restoration = Restoration.denoising(noisy.colour)
restoration.use(.totalVariation(weight: 0.15))
let solver = try restoration.solver(
  random: RandomSource(seed: 0), threads: ThreadPool(threads: 2))

let view = try await LiveView(port: 0) { shown in
  try shown.picture.write(to: "kept.png")
  return "kept.png"
}
print("Watch it at", view.address)
view.begin("denoise", iterations: restoration.plan.iterations)
let solution = try solver.run { iterate in
  view.show(iteration: iterate.iteration, values: [("loss", Double(iterate.loss))]) {
    Picture(colour: iterate.picture.clamped())
  }
  if view.isStopRequested { iterate.stop() }
}
await view.end("It is done.")
try Picture(colour: solution.picture).write(to: "denoised.png")
