/// "Did you mean": the declared name closest to what was written.
public enum NearestName {
  /// The candidate at the smallest edit distance, if that is close enough to be a slip: at most a third of
  /// the written name's length, and at least two edits. Of equals, the alphabetically first.
  public static func of(_ written: String, among candidates: some Sequence<String>) -> String? {
    // A name this long is no slip of a short one, and the distance is quadratic.
    guard written.utf8.count <= 128 else { return nil }
    let limit = max(2, written.utf8.count / 3)
    return
      candidates
      .map { (distance: distance(Array(written.utf8), Array($0.utf8)), name: $0) }
      .filter { $0.distance <= limit }
      .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?
      .name
  }

  /// Levenshtein's distance, with the transposition of two neighbours as one edit (optimal string alignment).
  static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforePrevious = [Int](repeating: 0, count: right.count + 1)
    var previous = Array(0...right.count)
    for i in 0..<left.count {
      var current = [i + 1]
      current.reserveCapacity(right.count + 1)
      for j in 0..<right.count {
        var best = min(
          previous[j + 1] + 1, current[j] + 1, previous[j] + (left[i] == right[j] ? 0 : 1))
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
          best = min(best, beforePrevious[j - 1] + 1)
        }
        current.append(best)
      }
      beforePrevious = previous
      previous = current
    }
    return previous[right.count]
  }
}
