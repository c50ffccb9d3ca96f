internal import CKernels

/// What the convolutions are compiled for.
package enum InstructionSet: Int32, Sendable, CaseIterable {
  /// What every processor has.
  case portable
  /// AVX2 with FMA (x86-64-v3).
  case avx2
  /// AVX-512 (x86-64-v4).
  case avx512

  /// Those that this processor has.
  package static let available = allCases.filter { $0.rawValue <= pi_best_instruction_set() }
}
