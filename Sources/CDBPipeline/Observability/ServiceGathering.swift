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
  /// So long it is told of a stage that a process of its own began anew, nanoseconds.
  static let beginningShows: UInt64 = 60_000_000_000
  /// So long a report that does not balance stays, nanoseconds, whatever balances behind it: several barriers may come with
  /// one answer.
  static let imbalanceShows: UInt64 = 1_000_000_000
  /// Barriers that not all stages have passed; of more the oldest are forgotten.
  static let openBarriers = 2 * ServicePart.keptCuts

  /// One of the processes that are asked.
  struct Process: Sendable, Hashable {
    var stage: StageName
    var address: String
  }

  struct Heard: Sendable {
    var part: ServicePart
    /// When the newest news came, by both clocks of whoever gathers.
    var wall: EventTime
    var monotonic: UInt64
    /// When its process began anew; nil where it is the first that was heard of.
    var restarted: (wall: EventTime, monotonic: UInt64)?

    /// Whether it has the partitions that it is to take, as far as it knows.
    var holds: Bool { part.holds && part.standsBy == nil }
    /// What it is to take. Only core is shared by partitions.
    var partitions: [UInt16] {
      guard part.stage == .core else { return [0] }
      return part.partitions ?? (0..<UInt16(clamping: max(1, part.status.symbols.count))).map { $0 }
    }
  }

  let begun: (wall: EventTime, monotonic: UInt64)
  private let asked: [StageName: [String]]
  var heard: [Process: Heard] = [:]
  var missed: [Process: (miss: StageOutage.Miss, cause: String)] = [:]
  /// By partition, the process that was last heard to hold it.
  var owners: [StageName: [UInt16: (process: Process, instance: String)]] = [:]
  /// When partitions last came to another process, and which that is.
  var handedOver: [StageName: (process: Process, wall: EventTime, monotonic: UInt64)] = [:]
  /// Those that have said that they end with what they took in.
  var ended: Set<Process> = []
  private var audit = FlowAudit(keeping: ServiceGathering.openBarriers)
  /// The instance of ws that was last seen to take frames.
  private var working: String?
  private var flow: (report: FlowReport, since: UInt64)?

  /// - Parameters:
  ///   - wall, monotonic: when gathering began, by both clocks.
  ///   - processes: by stage, the addresses of those that are asked; one where a stage is not named.
  public init(wall: EventTime, monotonic: UInt64, asking processes: [StageName: [String]] = [:]) {
    begun = (wall, monotonic)
    asked = processes
  }

  /// Those of a stage that are asked, in the order in which they are named.
  func processes(of stage: StageName) -> [Process] {
    let addresses = asked[stage] ?? []
    return (addresses.isEmpty ? [""] : addresses).map { Process(stage: stage, address: $0) }
  }

  /// A process has answered.
  ///
  /// - Parameter address: where it was asked.
  public mutating func take(
    _ part: ServicePart, from address: String = "", wall: EventTime, monotonic: UInt64
  ) {
    let process = Process(stage: part.stage, address: address)
    // Where what had ended begins anew, whoever is not there is missed.
    if part.ended == true {
      ended.insert(process)
    } else if ended.contains(process) || hasEnded(process) {
      ended = []
    }
    missed[process] = nil
    let before = heard[process]
    var restarted = before?.restarted
    if let before, before.part.instance != part.instance {
      restarted = (wall, monotonic)
      if before.holds { audit.forget(part.stage, partitions: before.partitions) }
    } else if let before, before.part.at == part.at {
      // The same once more is no news.
      return
    }
    // A new journal counts its barriers anew; before the first frame a process has not looked for an old one.
    if part.stage == .ws, part.instance != working, part.status.feed.frames > 0 {
      working = part.instance
      if part.status.resumption == nil { audit = FlowAudit(keeping: Self.openBarriers) }
    }
    let now = Heard(part: part, wall: wall, monotonic: monotonic, restarted: restarted)
    heard[process] = now
    guard now.holds else { return }
    own(now, process)
    for cut in part.cuts where cut.stage == part.stage {
      if let report = audit.add(cut) { note(report, monotonic) }
    }
  }

  /// A process holds its partitions.
  private mutating func own(_ heard: Heard, _ process: Process) {
    let stage = process.stage
    for partition in heard.partitions {
      if let before = owners[stage]?[partition], before.instance != heard.part.instance {
        handedOver[stage] = (process, heard.wall, heard.monotonic)
        // What was cut by another process is cut again, as far as it is open.
        audit.forget(stage, partitions: [partition])
      }
      owners[stage, default: [:]][partition] = (process, heard.part.instance)
    }
  }

  /// A process has not answered.
  ///
  /// - Parameter address: where it was asked.
  public mutating func miss(
    _ stage: StageName, at address: String = "", _ miss: StageOutage.Miss, cause: String
  ) {
    missed[Process(stage: stage, address: address)] = (miss, cause)
  }

  private mutating func note(_ report: FlowReport, _ now: UInt64) {
    if let flow, !flow.report.isBalanced, report.isBalanced, now &- flow.since < Self.imbalanceShows {
      return
    }
    flow = (report, now)
  }

  /// The whole pipeline as it is now.
  public func status(wall: EventTime, monotonic: UInt64) -> PipelineStatus {
    var parts: [StageName: [PipelineStatus]] = [:]
    for stage in StageName.allCases { parts[stage] = working(for: stage).map(\.part.status) }
    let ws = parts[.ws]?.first
    return PipelineStatus(
      startedAt: ws?.startedAt ?? begun.wall, profile: ws?.profile ?? "", fingerprint: ws?.fingerprint ?? "",
      symbols: ws?.symbols ?? [], feed: ws?.feed ?? FeedStatus(),
      stages: StageName.allCases.map { stage in
        var status = StageStatus((parts[stage] ?? []).compactMap { $0.stage(stage) }, of: stage)
        status.processes = processStatus(of: stage, wall: wall, monotonic: monotonic)
        status.beganAnewAt = beganAnew(stage, monotonic: monotonic)
        if let outage = outage(of: stage, wall: wall, monotonic: monotonic) {
          status.health = .failed
          status.failure = outage.text
          status.outage = outage
        }
        return status
      },
      account: parts[.risk]?.first?.account, gate: parts[.execution]?.first?.gate, flow: flow?.report,
      checkpoint: ws?.checkpoint, checkpointFailure: ws?.checkpointFailure,
      tally: parts[.dbWriter]?.first?.tally ?? OrderPathTally(),
      nearness: (parts[.core] ?? []).flatMap(\.nearness).sorted(by: StrategyNearness.isNearer),
      notices: notices(wall), framesBefore: ws?.framesBefore ?? 0, resumption: ws?.resumption,
      failure: StageName.allCases.lazy.flatMap { parts[$0] ?? [] }.compactMap(\.failure).first,
      journalDamage: ws?.journalDamage ?? [], configurations: configurations)
  }

  /// Those of all processes, each once, and clocks that are ahead.
  private func notices(_ wall: EventTime) -> [String] {
    var notices: [String] = []
    let all = StageName.allCases.flatMap { processes(of: $0) }
      .compactMap { process in heard[process].map { (name: name(of: process), heard: $0) } }
    for (_, heard) in all {
      for notice in heard.part.status.notices where !notices.contains(notice) { notices.append(notice) }
    }
    for (name, heard) in all {
      let ahead = heard.part.at.nanoseconds &- heard.wall.nanoseconds
      guard ahead >= Int64(Self.patience) else { continue }
      notices.append(
        "the clock of \(name)'s machine is \(ahead / 1_000_000_000) s ahead of this one's")
    }
    return notices
  }
}
