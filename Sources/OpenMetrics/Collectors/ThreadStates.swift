/// How many threads of a process do what, from the files `task/TID/stat`; see proc(5).
struct ThreadStates: Equatable {
  enum State: String, CaseIterable {
    case running
    /// Waits and can be woken by a signal.
    case sleeping
    /// Waits for a device and cannot be woken.
    case blocked
    case stopped
    case other

    /// By the letter that the kernel gives.
    init(letter: Character) {
      switch letter {
      case "R": self = .running
      case "S": self = .sleeping
      case "D": self = .blocked
      case "T", "t": self = .stopped
      default: self = .other
      }
    }
  }

  private(set) var counts: [State: Int] = [:]

  /// Of more threads than these only so many are looked at.
  static let maximumThreads = 10_000

  /// Threads whose file says nothing have ended in the meantime.
  init(stats: some Sequence<String?>) {
    for state in stats.lazy.compactMap(Self.state) { counts[state, default: 0] += 1 }
  }

  /// - Parameter directory: the directory `task` of a process; `nil` when it cannot be read.
  init?(directory: String) {
    guard let threads = SmallFile.entries(directory) else { return nil }
    self.init(
      stats: threads.prefix(Self.maximumThreads).lazy.map { SmallFile.read("\(directory)/\($0)/stat") })
  }

  private static func state(_ stat: String?) -> State? {
    // The name in parentheses may itself hold blanks and parentheses.
    guard let stat, let end = stat.lastIndex(of: ")") else { return nil }
    return stat[stat.index(after: end)...].first { !$0.isWhitespace }.map { State(letter: $0) }
  }
}
