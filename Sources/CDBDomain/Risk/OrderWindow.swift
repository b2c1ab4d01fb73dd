/// The orders of an account within a window of event time.
public struct OrderWindow: Sendable, Hashable, Codable {
  /// Ascending.
  private var times: [EventTime] = []

  public init() {}

  public mutating func add(at time: EventTime) { times.append(time) }

  /// The number of orders not older than `window` nanoseconds.
  public mutating func count(at time: EventTime, window: Int64) -> Int64 {
    let start = time.advanced(by: -max(0, window))
    if let first = times.first, first < start {
      times.removeFirst(times.firstIndex { $0 >= start } ?? times.count)
    }
    return Int64(times.count)
  }
}
