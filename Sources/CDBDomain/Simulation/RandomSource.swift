/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): small, coded as
/// one integer, and the same on every machine.
public struct RandomSource: Sendable, Hashable, Codable, RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// An integer in `range`; the bias of 2^-64 per value of the range does not matter to a simulation.
  public mutating func integer(in range: ClosedRange<Int64>) -> Int64 {
    let width = UInt64(bitPattern: range.upperBound &- range.lowerBound) &+ 1
    guard width > 0 else { return Int64(bitPattern: next()) }
    return range.lowerBound &+ Int64(bitPattern: next().multipliedFullWidth(by: width).high)
  }

  /// True in `percent` of a hundred cases.
  public mutating func chance(_ percent: Int64) -> Bool { integer(in: 0...99) < percent }

  /// Roughly normal with that standard deviation: the sum of four even ones.
  mutating func noise(_ deviation: Int64) -> Int64 {
    // The sum of four even numbers in ±a has a deviation of a × 2/√3; 1774/2048 is √3/2.
    let bound = deviation &* 1774 / 2048
    var sum: Int64 = 0
    for _ in 0..<4 { sum += integer(in: -bound...bound) }
    return sum
  }
}
