import DIP
import Engine
import Imaging

let noisy = try Picture(contentsOf: "noisy.png")
let threads = try ThreadPool(threads: 2)
var restoration = Restoration.denoising(noisy.colour)
restoration.plan.timeLimit = 600
let solver = try restoration.solver(random: RandomSource(seed: 0), threads: threads)
let solution = try solver.run { iterate in
  if iterate.iteration % 100 == 0 { print(iterate.iteration, iterate.loss) }
}
try Picture(colour: solution.average).write(to: "denoised.png")
