/// Parts of a whole as tenths of a percent that add up to it.
public enum WholeShares {
  /// The sum of all parts.
  public static let whole = 1_000

  /// What rounding down leaves over goes to those that lost most by it; of equals to the first.
  ///
  /// - Parameter parts: none below zero.
  /// - Returns: as many, with the sum ``whole``; all zero where there is nothing to share.
  public static func of(_ parts: [Double]) -> [Int] {
    let sum = parts.reduce(0, +)
    guard sum > 0, sum.isFinite else { return parts.map { _ in 0 } }
    let exact = parts.map { $0 / sum * Double(whole) }
    var shares = exact.map { Int($0.rounded(.down)) }
    let missing = max(0, whole - shares.reduce(0, +))
    let losers = exact.indices.sorted {
      (exact[$1] - Double(shares[$1]), $0) < (exact[$0] - Double(shares[$0]), $1)
    }
    for index in losers.prefix(missing) { shares[index] += 1 }
    return shares
  }
}
