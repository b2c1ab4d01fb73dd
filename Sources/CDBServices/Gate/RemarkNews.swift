import CDBDomain
import CDBGate

/// Which remarks are worth a line of the log: each when it is first seen, and again after it was not for a while.
struct RemarkNews {
  /// One that comes and goes is not told each time. Nanoseconds.
  static let forgetting: UInt64 = 600_000_000_000

  /// When each was last seen.
  private var seen: [String: UInt64] = [:]

  /// - Parameter now: monotonic nanoseconds.
  mutating func news(in remarks: [Remark], at now: UInt64) -> [Remark] {
    seen = seen.filter { now &- $0.value < Self.forgetting }
    return remarks.filter { remark in
      // Which processes differ is news; a share that changes is none.
      let key = remark.kind == .configurationsDiffer ? remark.line(in: .en) : remark.kind.rawValue
      defer { seen[key] = now }
      return seen[key] == nil
    }
  }
}
