/// The tests' source of chance: a seed names a whole run.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func integer(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &self) }

  /// Any 64-bit integer, with the small, the large and the round ones as likely as the rest.
  mutating func anyInteger() -> Int64 {
    switch integer(0...5) {
    case 0: return integer(-10...10)
    case 1: return [.min, .min + 1, .max, .max - 1][Int(integer(0...3))]
    case 2: return Int64(bitPattern: next()) >> integer(0...63)
    case 3:
      var power: Int64 = 1
      for _ in 0..<integer(0...18) { power *= 10 }
      return integer(-9...9) * power
    default: return Int64(bitPattern: next())
    }
  }
}
