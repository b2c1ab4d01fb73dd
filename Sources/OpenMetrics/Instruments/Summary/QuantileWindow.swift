/// Quantiles over the last while: several sketches that all see every value, each emptied in its turn, of which the one
/// that was emptied longest ago is asked.
struct QuantileWindow: Sendable {
  private var sketches: [QuantileSketch]
  private var oldest = 0
  private let step: Duration
  private var nextTurn: Duration

  init(_ options: SummaryOptions, now: Duration) {
    sketches = Array(repeating: QuantileSketch(options.objectives), count: options.ageBuckets)
    step = options.maximumAge / options.ageBuckets
    nextTurn = now + step
  }

  mutating func insert(_ value: Double, now: Duration) {
    turn(now)
    for index in sketches.indices { sketches[index].insert(value) }
  }

  /// NaN without recent values.
  mutating func query(_ quantile: Double, now: Duration) -> Double {
    turn(now)
    return sketches[oldest].query(quantile) ?? .nan
  }

  private mutating func turn(_ now: Duration) {
    // After a long time without a call every sketch is emptied once, and no more often.
    var turns = 0
    while now >= nextTurn {
      guard turns < sketches.count else {
        nextTurn = now + step
        return
      }
      sketches[oldest].removeAll()
      oldest = (oldest + 1) % sketches.count
      nextTurn += step
      turns += 1
    }
  }
}
