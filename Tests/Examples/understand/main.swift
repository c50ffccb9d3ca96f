import Diagnosis
import Engine
import Imaging
import Inversion
import PretrainedNets

let classifier = try Classifier(.textures, weightsAt: "textures.h5")
let threads = try ThreadPool(threads: 2)
let picture = classifier.architecture.fit(try Picture(contentsOf: "photo.png"))
let seen = try classifier.classify(picture, top: 1, threads: threads)[0]
print(classifier.architecture.labels.name(of: seen.index), seen.probability)

// Where the evidence lies.
let evidence = try Evidence(for: seen.index, in: picture, of: classifier, threads: threads)
for (method, attribution) in evidence.attributions {
  try attribution.drawn(over: picture).write(to: "\(method).png")
}

// What a layer keeps of the picture, and what excites the class most.
var inversion = try FeatureInversion.search(
  .dip, picture, layers: [.init("relu3")], of: classifier, threads: threads)
inversion.plan.iterations = 200
var maximization = Maximization.search(.dip, .score(ofClass: seen.index), of: classifier)
maximization.plan.iterations = 200
let kept = try inversion.solver(random: RandomSource(seed: 0), threads: threads).run()
let meant = try maximization.solver(random: RandomSource(seed: 0), threads: threads).run()
try Picture(colour: kept.picture).write(to: "kept.png")
try Picture(colour: meant.picture).write(to: "meant.png")
