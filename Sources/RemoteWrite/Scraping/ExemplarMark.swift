/// Which exemplars of a series were sent, so that each is sent once.
struct ExemplarMark: Equatable {
  private var hash = 0
  /// The newest one; milliseconds since the epoch.
  private var time = Int64.min

  /// The messages of those that are new, oldest first.
  ///
  /// - Parameters:
  ///   - last: what was sent before.
  ///   - now: the time of the scrape, for those that have none of their own.
  mutating func messages(of exemplars: [ScrapedExemplar], after last: ExemplarMark?, _ now: Int64)
    -> [[UInt8]]
  {
    var hasher = Hasher()
    for exemplar in exemplars {
      hasher.combine(exemplar.labels)
      hasher.combine(exemplar.bits)
      hasher.combine(exemplar.time)
    }
    hash = hasher.finalize()
    time = last?.time ?? .min
    guard hash != last?.hash else { return [] }
    let fresh = exemplars.filter { !$0.isTooLong && $0.time ?? now > time }
      .sorted { $0.time ?? now < $1.time ?? now }
    for exemplar in fresh { time = max(time, exemplar.time ?? now) }
    return fresh.map { $0.message(at: now) }
  }
}
