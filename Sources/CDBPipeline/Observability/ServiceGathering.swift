import CDBDomain

/// Makes one status of what the processes of a pipeline say of themselves. A value: time comes with each look.
///
/// A stage's figures are its own process's, the newest that came: those of a process that is away stay, beside the word that
/// it is. Times in them are by the clocks of their machines, which must agree.
public struct ServiceGathering: Sendable {
  /// Without news for so long a process counts as away, nanoseconds. It is asked four times a second, and an answer may take
  /// one: that one of them is lost says nothing.
  public static let patience: UInt64 = 2_000_000_000
  /// So long its stage counts as not working after a process has begun anew, nanoseconds: whoever looks five times a second
  /// sees it, and what an open gate had been opened by is checked again.
  static let restartShows: UInt64 = 1_000_000_000
  /// So long a report that does not balance stays, nanoseconds, whatever balances behind it: several barriers may come with
  /// one answer.
  static let imbalanceShows: UInt64 = 1_000_000_000
  /// Barriers that not all stages have passed; of more the oldest are forgotten.
  static let openBarriers = 2 * ServicePart.keptCuts

  private struct Heard: Sendable {
    var part: ServicePart
    /// When the newest news came, by both clocks of whoever gathers.
    var wall: EventTime
    var monotonic: UInt64
    /// When its process began anew; nil where it is the first that was heard of.
    var restarted: (wall: EventTime, monotonic: UInt64)?
  }

  private let begun: (wall: EventTime, monotonic: UInt64)
  private var heard: [StageName: Heard] = [:]
  private var missed: [StageName: (miss: StageOutage.Miss, cause: String)] = [:]
  private var audit = FlowAudit(keeping: ServiceGathering.openBarriers)
  /// The instance of ws that was last seen to take frames.
  private var working: String?
  private var flow: (report: FlowReport, since: UInt64)?

  /// - Parameters:
  ///   - wall, monotonic: when gathering began, by both clocks.
  public init(wall: EventTime, monotonic: UInt64) { begun = (wall, monotonic) }

  /// A process has answered.
  public mutating func take(_ part: ServicePart, wall: EventTime, monotonic: UInt64) {
    missed[part.stage] = nil
    let before = heard[part.stage]
    var restarted = before?.restarted
    if let before, before.part.instance != part.instance {
      restarted = (wall, monotonic)
      audit.forget(part.stage)
    } else if let before, before.part.at == part.at {
      // The same once more is no news.
      return
    }
    // A new journal counts its barriers anew; before the first frame a process has not looked for an old one.
    if part.stage == .ws, part.instance != working, part.status.feed.frames > 0 {
      working = part.instance
      if part.status.resumption == nil { audit = FlowAudit(keeping: Self.openBarriers) }
    }
    heard[part.stage] = Heard(part: part, wall: wall, monotonic: monotonic, restarted: restarted)
    for cut in part.cuts where cut.stage == part.stage {
      if let report = audit.add(cut) { note(report, monotonic) }
    }
  }

  /// A process has not answered.
  public mutating func miss(_ stage: StageName, _ miss: StageOutage.Miss, cause: String) {
    missed[stage] = (miss, cause)
  }

  private mutating func note(_ report: FlowReport, _ now: UInt64) {
    if let flow, !flow.report.isBalanced, report.isBalanced, now &- flow.since < Self.imbalanceShows {
      return
    }
    flow = (report, now)
  }

  /// What keeps a stage from its work as far as its process is concerned; nil while nothing does.
  public func outage(of stage: StageName, wall: EventTime, monotonic: UInt64) -> StageOutage? {
    guard let heard = heard[stage] else {
      return monotonic &- begun.monotonic >= Self.patience ? away(stage, since: begun.wall) : nil
    }
    if monotonic &- heard.monotonic >= Self.patience {
      // Where it answers, and always with the same, what it says has an age of its own.
      return away(stage, since: missed[stage] == nil ? heard.part.at : heard.wall)
    }
    if wall.nanoseconds &- heard.part.at.nanoseconds >= Int64(Self.patience) {
      return away(stage, since: heard.part.at)
    }
    if let restarted = heard.restarted, monotonic &- restarted.monotonic < Self.restartShows {
      return StageOutage(kind: .restarted, since: restarted.wall)
    }
    if let cause = heard.part.standsBy {
      return StageOutage(kind: .waiting, since: heard.part.status.startedAt, cause: cause)
    }
    return heard.part.busFailure.map { StageOutage(kind: .bus, since: heard.part.at, cause: $0) }
  }

  private func away(_ stage: StageName, since: EventTime) -> StageOutage {
    let missed = missed[stage]
    return StageOutage(
      kind: .away, since: since, cause: missed?.cause ?? "what it says of itself does not change",
      miss: missed?.miss)
  }

  /// The whole pipeline as it is now.
  public func status(wall: EventTime, monotonic: UInt64) -> PipelineStatus {
    let parts = heard.mapValues(\.part.status)
    let ws = parts[.ws]
    return PipelineStatus(
      startedAt: ws?.startedAt ?? begun.wall, profile: ws?.profile ?? "", fingerprint: ws?.fingerprint ?? "",
      symbols: ws?.symbols ?? [], feed: ws?.feed ?? FeedStatus(),
      stages: StageName.allCases.map { stage in
        var status = parts[stage]?.stage(stage) ?? StageStatus(unheard: stage)
        if let outage = outage(of: stage, wall: wall, monotonic: monotonic) {
          status.health = .failed
          status.failure = outage.text
          status.outage = outage
        }
        return status
      },
      account: parts[.risk]?.account, gate: parts[.execution]?.gate, flow: flow?.report,
      checkpoint: ws?.checkpoint, checkpointFailure: ws?.checkpointFailure,
      tally: parts[.dbWriter]?.tally ?? OrderPathTally(), nearness: parts[.core]?.nearness ?? [],
      notices: notices(parts, wall), framesBefore: ws?.framesBefore ?? 0, resumption: ws?.resumption,
      failure: StageName.allCases.lazy.compactMap { parts[$0]?.failure }.first)
  }

  /// Those of all processes, each once, and what does not fit together.
  private func notices(_ parts: [StageName: PipelineStatus], _ wall: EventTime) -> [String] {
    var notices: [String] = []
    for stage in StageName.allCases {
      for notice in parts[stage]?.notices ?? [] where !notices.contains(notice) { notices.append(notice) }
    }
    if let ws = parts[.ws], !ws.fingerprint.isEmpty {
      for stage in StageName.allCases {
        guard let other = parts[stage]?.fingerprint, !other.isEmpty, other != ws.fingerprint else { continue }
        notices.append(
          "\(stage.rawValue) was started with the configuration \(other) and ws with \(ws.fingerprint): "
            + "start them with the same settings")
      }
    }
    for stage in StageName.allCases {
      guard let heard = heard[stage] else { continue }
      let ahead = heard.part.at.nanoseconds &- heard.wall.nanoseconds
      guard ahead >= Int64(Self.patience) else { continue }
      notices.append(
        "the clock of \(stage.rawValue)'s machine is \(ahead / 1_000_000_000) s ahead of this one's")
    }
    return notices
  }
}

extension StageStatus {
  /// Of a stage that nothing was heard of.
  fileprivate init(unheard stage: StageName) {
    self.init(
      stage: stage, health: .idle, failure: nil, total: NodeLedger(), sinceStart: NodeLedger(), inFlight: 0,
      backlog: 0, lastEventWall: nil, lastEventTime: nil, lastBarrierWall: nil, cpuNanoseconds: 0)
  }
}
