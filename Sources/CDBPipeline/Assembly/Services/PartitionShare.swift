/// The partitions that one process takes of a stage whose edges are partitioned; other processes take the rest.
///
/// Written as numbers and ranges, from 0: `0-1,4`.
public struct PartitionShare: Sendable, Hashable, CustomStringConvertible {
  /// Ascending, each once; never empty.
  public let partitions: [UInt16]

  /// Nil where there are none.
  public init?(_ partitions: some Sequence<UInt16>) {
    self.partitions = Set(partitions).sorted()
    if self.partitions.isEmpty { return nil }
  }

  /// Nil where a text is not of the form, or names a partition twice.
  public init?(_ text: String) {
    var found: [UInt16] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
        .map { $0.allSatisfy { $0.isASCII && $0.isNumber } ? UInt16($0) : nil }
      guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else {
        return nil
      }
      found += first...last
      // Whatever is written: there are no more than that.
      guard found.count <= Int(UInt16.max) + 1 else { return nil }
    }
    self.init(found)
    guard partitions.count == found.count else { return nil }
  }

  /// The same again, in the shortest form.
  public var description: String {
    var ranges: [ClosedRange<UInt16>] = []
    for partition in partitions {
      if let last = ranges.last, last.upperBound + 1 == partition {
        ranges[ranges.count - 1] = last.lowerBound...partition
      } else {
        ranges.append(partition...partition)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }
}
