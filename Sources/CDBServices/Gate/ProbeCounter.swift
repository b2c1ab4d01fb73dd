import Synchronization

/// Numbers probes, so that each can be told from those of earlier runs: it begins anywhere. Numbers have room in a
/// signal's figures, which are decimals of eight digits in 64 bits.
final class ProbeCounter: Sendable {
  private let number: Atomic<UInt64>

  init() {
    var random = SystemRandomNumberGenerator()
    number = Atomic(UInt64.random(in: 1...80_000_000_000, using: &random))
  }

  func next() -> UInt64 { number.wrappingAdd(1, ordering: .relaxed).newValue }
}
