import Engine
import TestSupport
import Testing

/// Every operation against PyTorch in double precision; see Tools/reference/operation_goldens.py.
@Suite struct OperationGoldenTests {
  @Test("layers", arguments: GoldenCase.layers)
  func layer(_ golden: GoldenCase) throws { try golden.check(against: GoldenFile("layers")) }

  @Test("sizes, places and arithmetic", arguments: GoldenCase.places)
  func place(_ golden: GoldenCase) throws { try golden.check(against: GoldenFile("places")) }

  @Test("errors, selections and penalties", arguments: GoldenCase.scalars)
  func scalar(_ golden: GoldenCase) throws { try golden.check(against: GoldenFile("scalars")) }

  @Test("nothing that the files hold is left uncompared")
  func completeness() throws {
    for (file, cases) in [
      ("layers", GoldenCase.layers), ("places", GoldenCase.places), ("scalars", GoldenCase.scalars),
    ] {
      let compared = cases.flatMap { golden in
        ["\(golden.name).output"]
          + golden.inputs.filter(\.isDifferentiable).map { "\(golden.name).d \($0.name)" }
      }
      #expect(try compared.sorted() == GoldenFile(file).names)
    }
  }

  @Test("every operation has a case")
  func everyOperation() throws {
    var met: Set<String> = []
    for golden in GoldenCase.layers + GoldenCase.places + GoldenCase.scalars {
      for source in try golden.graph().graph.sources {
        if case .operation(let operation, _) = source { met.insert("\(type(of: operation))") }
      }
    }
    #expect(Set(Operations.all.map { "\($0)" }).subtracting(met).isEmpty)
  }
}
