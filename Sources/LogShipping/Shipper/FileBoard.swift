/// What is told of files. Of each only what has changed is told anew, and sums are made when somebody asks.
struct FileBoard: Sendable {
  private struct Entry: Sendable {
    var statistics: FileStatistics
    /// Milliseconds since the epoch.
    var unreadSince: Int64?
  }

  /// By number, which is the order in which they were found.
  private var entries: [UInt64: Entry] = [:]
  /// Of lives that have ended.
  private var closed = FileLedger()
  /// When the oldest line was read that is under way.
  var oldestUnderWay: Int64?

  /// Takes up the files that have changed, and lets go of those that are forgotten.
  mutating func take(_ changed: Set<UInt64>, of follower: Follower) {
    closed = follower.closed
    for number in changed {
      guard let file = follower.files[number] else {
        entries.removeValue(forKey: number)
        continue
      }
      entries[number] = Entry(
        statistics: file.statistics(key: entries[number]?.statistics.key), unreadSince: file.unreadSince)
    }
  }

  func tell(_ statistics: inout ShipperStatistics) {
    let sorted = entries.sorted { $0.key < $1.key }.map(\.value)
    statistics.files = sorted.map(\.statistics)
    statistics.ledger = closed
    statistics.pending = 0
    statistics.unreadBytes = 0
    statistics.oldest = oldestUnderWay
    for entry in sorted {
      let file = entry.statistics
      statistics.ledger += file.ledger
      statistics.pending += file.pending
      statistics.unreadBytes += file.size - min(file.position, file.size)
      if let since = entry.unreadSince { statistics.oldest = min(statistics.oldest ?? since, since) }
    }
  }
}

extension FollowedFile {
  /// - Parameter key: as it was written before.
  fileprivate func statistics(key known: String?) -> FileStatistics {
    FileStatistics(
      path: path, key: known ?? Self.text(of: key), size: size, position: position, settled: settled.offset,
      ledger: ledger, pending: pendingLines)
  }

  private static func text(of key: UInt64) -> String {
    let digits = String(key, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
