import CDBDomain

extension StageStatus {
  /// A stage of the processes that share it: the sums of what is counted, the worst of what is judged, and of times what holds
  /// for all. Idle where nothing was heard of any.
  init(_ parts: [StageStatus], of stage: StageName) {
    guard var all = parts.first else {
      self.init(
        stage: stage, health: .idle, failure: nil, total: NodeLedger(), sinceStart: NodeLedger(), inFlight: 0,
        backlog: 0, lastEventWall: nil, lastEventTime: nil, lastBarrierWall: nil, cpuNanoseconds: 0)
      return
    }
    for part in parts.dropFirst() {
      if Self.badness(part.health) > Self.badness(all.health) { all.health = part.health }
      all.failure = all.failure ?? part.failure
      all.total.add(part.total)
      all.sinceStart.add(part.sinceStart)
      all.inFlight &+= part.inFlight
      all.backlog += part.backlog
      all.lastEventWall = [all.lastEventWall, part.lastEventWall].compactMap { $0 }.max()
      all.lastEventTime = [all.lastEventTime, part.lastEventTime].compactMap { $0 }.max()
      // The stage has passed a barrier when the last of them has.
      all.lastBarrierWall = all.lastBarrierWall.flatMap { one in part.lastBarrierWall.map { min(one, $0) } }
      all.cpuNanoseconds &+= part.cpuNanoseconds
      all.isHeldUp = all.isHeldUp || part.isHeldUp
      all.recentlyDropped.add(part.recentlyDropped)
      all.lately = all.lately.map { one in part.lately.map { one.adding($0) } ?? one } ?? part.lately
    }
    self = all
  }

  /// One that has nothing to do takes nothing from one that works.
  private static func badness(_ health: StageHealth) -> Int {
    switch health {
    case .idle: 0
    case .healthy: 1
    case .degraded: 2
    case .stalled: 3
    case .failed: 4
    }
  }
}
