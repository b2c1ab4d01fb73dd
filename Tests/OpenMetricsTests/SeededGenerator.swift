/// SplitMix64: the same seed gives the same test, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// The state is the seed mixed, so that the numbers of one seed are not those of the next, one later.
  init(seed: UInt64) { state = Self.mix(seed &+ 1) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
