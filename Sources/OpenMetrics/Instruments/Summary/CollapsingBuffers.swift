/// Values in no more memory than a buffer for each time that their number doubles, whatever their order.
///
/// Two buffers whose values stand for equally many become one whose values stand for twice as many: every second of both,
/// by turns from the first and from the second on. A rank is then off by at most (d + 2) / (4 · size) of all values, where
/// d is how often their number doubled after the first buffer.
///
/// Source: Munro, Paterson, "Selection and sorting with limited storage", 1980; Manku, Rajagopalan, Lindsay, "Approximate
/// medians and other quantiles in one pass and with limited memory", SIGMOD 1998.
struct CollapsingBuffers: Sendable {
  private struct Level: Sendable {
    /// In order; empty, or as many as a buffer holds.
    var values: [Double] = []
    var takesFirst = false
  }

  let size: Int
  /// Each value of level n stands for 2^n.
  private var levels: [Level] = []

  /// - Parameter size: values in a buffer.
  init(size: Int) { self.size = size }

  /// Of the values that were inserted.
  var count: Double { rankSteps.reduce(0) { $0 + $1.rise } }

  var levelCount: Int { levels.count }

  /// - Parameter values: as many as a buffer holds, in order, without NaN.
  mutating func insert(sorted values: [Double]) {
    var values = values
    var depth = 0
    while depth < levels.count, !levels[depth].values.isEmpty {
      values = Self.everySecond(of: levels[depth].values, values, fromFirst: levels[depth].takesFirst)
      levels[depth].takesFirst.toggle()
      levels[depth].values = []
      depth += 1
    }
    if depth == levels.count { levels.append(Level()) }
    levels[depth].values = values
  }

  var rankSteps: [RankStep] {
    levels.enumerated().flatMap { depth, level in
      level.values.map { RankStep(value: $0, rise: Double(sign: .plus, exponent: depth, significand: 1)) }
    }
  }

  private static func everySecond(of first: [Double], _ second: [Double], fromFirst: Bool) -> [Double] {
    var kept: [Double] = []
    kept.reserveCapacity(first.count)
    var isKept = fromFirst
    var (left, right) = (0, 0)
    while left < first.count || right < second.count {
      let takesLeft = right == second.count || (left < first.count && first[left] <= second[right])
      if isKept { kept.append(takesLeft ? first[left] : second[right]) }
      isKept.toggle()
      if takesLeft { left += 1 } else { right += 1 }
    }
    return kept
  }
}
