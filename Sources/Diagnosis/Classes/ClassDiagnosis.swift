import DIP
import Engine
import Imaging
import Inversion
import PretrainedNets

/// What a network's classes mean to it, and what may be wrong with them.
public struct ClassDiagnosis: Sendable {
  /// What is asked for.
  public struct Plan: Sendable {
    /// The indices of the classes.
    public var classes: [Int]
    public var priors: [PriorKind] = [.dip, .tv]
    public var seeds: [UInt64] = [0]
    /// How many iterations each picture takes; each prior's own, where it is `nil`.
    public var iterations: Int?
    /// Pictures of classes by index, `[1, 3, H, W]` of the network's size, 0 ... 1: the user's own.
    public var pictures: [Int: [Tensor]] = [:]
    /// Another network with the same classes, which tells meaning from noise.
    public var judge: Classifier?

    public init(classes: [Int]) { self.classes = classes }
  }

  /// A picture that excites a class most.
  public struct Portrait: Sendable {
    public let trial: Trial
    /// The probability of the class, 0 where it is not among the five likeliest.
    public let probability: Float
    /// The five likeliest classes.
    public let seen: [Prediction]
    /// What the judge sees, the five likeliest, by the index that the diagnosed network has for them; empty
    /// where there is no judge.
    public let judged: [Prediction]
  }

  /// One class.
  public struct Report: Sendable {
    public let classIndex: Int
    public let portraits: [Portrait]
    /// How much each cue carries, in the user's pictures of the class, or else in its portraits.
    public let study: CueStudy
    public let isOfOwnPictures: Bool
    /// Where the evidence lies in the first of the pictures studied.
    public let evidence: Evidence
    /// What the network takes the pictures for and how many of them, the most frequent first.
    public let takenFor: [(classIndex: Int, count: Int)]
  }

  public let plan: Plan
  public let labels: ClassLabels
  public let reports: [Report]
  /// What is suspicious, the strongest first.
  public let suspicions: [Suspicion]

  /// - Parameters:
  ///   - classifier: what is diagnosed.
  ///   - plan: which classes, with what pictures.
  ///   - labels: the names of the classes.
  ///   - threads: what it spreads over.
  ///   - observe: called with each iterate, after the number of the search and of them all.
  /// - Throws: errors of the searches and of reading weights.
  public init(
    of classifier: Classifier, plan: Plan, labels: ClassLabels, threads: ThreadPool,
    observe: (_ search: Int, _ count: Int, _ title: String, Iterate) throws -> Void = {
      _, _, _, _ in
    }
  ) throws {
    var portraits: [Int: [Portrait]] = [:]
    let count = plan.classes.count * plan.priors.count * plan.seeds.count
    var number = 0
    for index in plan.classes {
      for prior in plan.priors {
        for seed in plan.seeds {
          var search = Maximization.search(prior, .score(ofClass: index), of: classifier)
          if let iterations = plan.iterations { search.plan.iterations = iterations }
          // The score of its own drives neighbours up too; the probability holds them down.
          search.energy.terms.append(.init(.logProbability(ofClass: index), weight: 3))
          search.energy.viewing = search.energy.viewing.shaken
          search.plan = search.plan.settling(in: search.plan.iterations / 10)
          let title = "\(labels.name(of: index)), \(prior.rawValue)"
          let trial = try Trial(search, prior: prior, seed: seed, threads: threads) {
            try observe(number, count, title, $0)
          }
          portraits[index, default: []].append(
            try Portrait(trial, ofClass: index, classifier, judge: plan.judge, threads))
          number += 1
        }
      }
    }
    func pictures(_ index: Int) -> [Tensor] {
      let own = plan.pictures[index] ?? []
      return own.isEmpty ? portraits[index, default: []].map(\.trial.picture) : own
    }
    let side = classifier.architecture.inputSize
    let compiled = try CompiledClassifier(
      classifier, pictureShape: [1, 3, side, side], threads: threads)
    let reports = try plan.classes.compactMap { index -> Report? in
      let own = pictures(index)
      guard !own.isEmpty else { return nil }
      let others = Set(plan.classes).union(plan.pictures.keys).subtracting([index]).sorted()
      let study = try CueStudy(
        ofClass: index, in: own,
        others: Array(others.flatMap { pictures($0).prefix(2) }.prefix(60)),
        by: compiled)
      var counts: [Int: Int] = [:]
      for picture in own {
        let probabilities = try compiled.probabilities(of: picture)
        let likeliest = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
        counts[likeliest, default: 0] += 1
      }
      return Report(
        classIndex: index, portraits: portraits[index, default: []], study: study,
        isOfOwnPictures: !(plan.pictures[index] ?? []).isEmpty,
        evidence: try Evidence(for: index, in: own[0], of: classifier, threads: threads),
        takenFor: counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
          ($0.key, $0.value)
        })
    }
    (self.plan, self.labels, self.reports) = (plan, labels, reports)
    suspicions = reports.flatMap { $0.suspicions(labels) }.sorted { $0.strength > $1.strength }
  }
}

extension ClassDiagnosis.Portrait {
  fileprivate init(
    _ trial: Trial, ofClass index: Int, _ classifier: Classifier, judge: Classifier?,
    _ threads: ThreadPool
  ) throws {
    func likeliest(by network: Classifier) throws -> [Prediction] {
      try network.classify(
        network.architecture.fit(Picture(colour: trial.picture)), threads: threads)
    }
    self.trial = trial
    seen = try likeliest(by: classifier)
    let labels = classifier.architecture.labels
    judged =
      try judge.map { judge in
        try likeliest(by: judge).map { prediction in
          Prediction(
            index: judge.architecture.labels.index(of: prediction.index, in: labels),
            probability: prediction.probability)
        }
      } ?? []
    probability = seen.first { $0.index == index }?.probability ?? 0
  }
}

extension ClassDiagnosis.Report {
  /// Whether the judge has the class among its five likeliest, by portrait.
  public var recognized: [Bool] {
    portraits.map { portrait in portrait.judged.contains { $0.index == classIndex } }
  }

  fileprivate func suspicions(_ labels: ClassLabels) -> [Suspicion] {
    let name = labels.name(of: classIndex)
    var found = study.suspicions(named: name, arePortraits: !isOfOwnPictures)
    let pictures = study.pictures.count
    if isOfOwnPictures, let wrong = takenFor.first(where: { $0.classIndex != classIndex }),
      Float(wrong.count) >= Suspicion.threshold * Float(pictures)
    {
      found.append(
        Suspicion(
          classIndex: classIndex, cause: .confusion(with: wrong.classIndex),
          strength: Float(wrong.count) / Float(pictures),
          evidence: [
            "\(wrong.count) of \(pictures) pictures of \(name) are taken for "
              + labels.name(of: wrong.classIndex)
          ]
            + Cue.allCases.filter { study.loss(without: $0) < -0.1 }.map {
              "\($0.removal), they have \(percentage(study.without[$0] ?? 0)) instead of "
                + percentage(study.probability)
            }, exhibits: study.pictures.prefix(3).map { ($0, "taken for another") }))
    }
    let sure = portraits.indices.filter { portraits[$0].probability > 0.9 }
    if !sure.isEmpty, sure.allSatisfy({ !portraits[$0].judged.isEmpty && !recognized[$0] }) {
      found.append(
        Suspicion(
          classIndex: classIndex, cause: .noise, strength: Suspicion.threshold,
          evidence: [
            "none of \(sure.count) pictures that the network is sure of has \(name) among the judge's "
              + "five likeliest"
          ],
          exhibits: sure.prefix(3).map {
            (portraits[$0].trial.picture, "what \(portraits[$0].trial.prior.title) found")
          }))
    }
    return found
  }
}
