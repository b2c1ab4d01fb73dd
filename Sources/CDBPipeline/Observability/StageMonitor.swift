import CDBDomain
import Synchronization

/// What is known of one stage, shared between the task that runs it and those who ask.
///
/// The stage's ledger lives here; Prometheus' counters, `cdb why` and the health check are views of it.
public final class StageMonitor: Sendable {
  struct State: Sendable {
    var ledger = NodeLedger()
    /// The ledger when this process took over: what is counted since is what this process did.
    var ledgerAtStart = NodeLedger()
    var lastEventWall: Int64 = 0
    var lastProgress: UInt64?
    /// When the batch came that is being worked on.
    var workingSince: UInt64?
    /// Since when looks have found input at every time.
    var queuedSince: UInt64?
    var inFlight: UInt64 = 0
    var backlog = 0
    var failure: String?
    var health = StageHealthStateMachine()
    var cpuNanoseconds: UInt64 = 0
    var lastEventTime = EventTime.distantPast
    var lastBarrierWall: Int64 = 0
    var reasonSeen: [ReasonCode: Int64] = [:]
    var isHeldUp = false
    /// When the stage behind was last seen to take nothing.
    var heldUpAt: UInt64?
    var awaitsAnswer = false
    var drops = RecentDrops()
    var lately = RecentIntake.Window()
  }

  public let stage: StageName
  private let state: Mutex<State>
  private let stalledAfter: UInt64

  init(stage: StageName, thresholds: HealthThresholds) {
    self.stage = stage
    stalledAfter = thresholds.stalledAfter
    var initial = State()
    initial.health = StageHealthStateMachine(thresholds: thresholds)
    initial.drops = RecentDrops(window: thresholds.window)
    state = Mutex(initial)
  }

  /// Takes over from a snapshot.
  func restore(_ ledger: NodeLedger) {
    state.withLock {
      $0.ledger = ledger
      $0.ledgerAtStart = ledger
      $0.lately = RecentIntake.Window()
    }
  }

  /// Input was received and is being worked on.
  func began(now: UInt64, backlog: Int) {
    state.withLock {
      $0.workingSince = $0.workingSince ?? now
      $0.backlog = backlog
    }
  }

  /// A batch was worked off.
  func finished(
    _ tally: NodeLedger, at now: UInt64, wall: Int64, time: EventTime, inFlight: UInt64, cpu: UInt64
  ) {
    state.withLock {
      $0.ledger.add(tally)
      $0.lastProgress = now
      $0.workingSince = nil
      $0.queuedSince = nil
      $0.inFlight = inFlight
      $0.cpuNanoseconds &+= cpu
      if tally.received > 0 {
        $0.lastEventWall = wall
        $0.lastEventTime = time
        for (reason, _) in tally.dropped.byReason { $0.reasonSeen[reason] = wall }
      }
    }
  }

  /// CPU time that was spent for the stage on another thread.
  func used(cpu: UInt64) { state.withLock { $0.cpuNanoseconds &+= cpu } }

  func passedBarrier(wall: Int64) { state.withLock { $0.lastBarrierWall = wall } }

  /// Something keeps the stage from working; nil when it is over.
  func setFailure(_ failure: String?) { state.withLock { $0.failure = failure } }

  var ledger: NodeLedger { state.withLock { $0.ledger } }

  /// Nothing but an answer of the stage behind it brings the stage on, or something else does again.
  func setAwaitsAnswer(_ awaits: Bool) { state.withLock { $0.awaitsAnswer = awaits } }

  /// Judges the stage's health now.
  ///
  /// - Parameters:
  ///   - backlog: the weight that waits at its input.
  ///   - waitingSince: since when, by the monotonic clock, where that is known.
  ///   - isHeldUp: whether the stage behind it takes nothing.
  func sampleHealth(now: UInt64, backlog: Int, waitingSince: UInt64? = nil, isHeldUp: Bool = false) {
    state.withLock {
      if isHeldUp { $0.heldUpAt = now }
      // Room behind it a moment ago is no reason yet: the stage must have had the time to use it.
      let progress = $0.lastProgress ?? 0
      $0.isHeldUp = $0.heldUpAt.map { progress <= $0 && now &- $0 < stalledAfter } ?? false
      $0.drops.note($0.ledger.dropped, at: now)
      $0.lately.note($0.ledger, at: now)
      // The stage may have taken the backlog since it was counted, and have finished it: one look alone says nothing, and
      // one that finds nothing any more takes back what an earlier one found.
      $0.queuedSince = backlog > 0 ? $0.queuedSince ?? waitingSince ?? now : nil
      let waiting = [$0.workingSince, $0.queuedSince].compactMap(\.self).min()
      $0.backlog = backlog
      $0.health.observe(
        .init(
          now: now, received: $0.ledger.received, dropped: $0.ledger.dropped.total,
          lastProgress: $0.lastProgress, waitingSince: waiting, failure: $0.failure))
    }
  }

  /// Everything at once, for a report.
  public var status: StageStatus {
    state.withLock {
      StageStatus(
        stage: stage, health: $0.health.health, failure: $0.failure, total: $0.ledger,
        sinceStart: $0.ledger.since($0.ledgerAtStart), inFlight: $0.inFlight, backlog: $0.backlog,
        lastEventWall: $0.lastEventWall > 0 ? EventTime(nanoseconds: $0.lastEventWall) : nil,
        lastEventTime: $0.lastEventTime == .distantPast ? nil : $0.lastEventTime,
        lastBarrierWall: $0.lastBarrierWall > 0 ? EventTime(nanoseconds: $0.lastBarrierWall) : nil,
        cpuNanoseconds: $0.cpuNanoseconds, isHeldUp: $0.isHeldUp || $0.awaitsAnswer,
        recentlyDropped: $0.drops.recent($0.ledger.dropped), lately: $0.lately.recent($0.ledger))
    }
  }
}

/// One stage at an instant.
public struct StageStatus: Sendable, Codable {
  public var stage: StageName
  public var health: StageHealth
  public var failure: String?
  /// The ledger since the data directory began.
  public var total: NodeLedger
  /// The ledger since this process began.
  public var sinceStart: NodeLedger
  public var inFlight: UInt64
  public var backlog: Int
  /// When the stage last worked on an event, by the wall clock.
  public var lastEventWall: EventTime?
  /// The time of that event.
  public var lastEventTime: EventTime?
  public var lastBarrierWall: EventTime?
  public var cpuNanoseconds: UInt64
  /// Whether the stage behind it takes nothing, so that it has to wait.
  public var isHeldUp = false
  /// What was dropped within the window of ``HealthThresholds``.
  public var recentlyDropped = ReasonCounts()
  /// What came in within the last minute, and what was dropped of it; nil before it was looked at.
  public var lately: RecentIntake?
  /// What is the matter with the process that it runs in; nil where nothing is, or where it runs in this one.
  public var outage: StageOutage?
  /// The processes that it runs in; nil where that is this one.
  public var processes: [ProcessStatus]?
  /// When a process of its own last began anew, while that is less than a minute ago: what is counted since the start counts
  /// from then. By the clock of whoever gathers.
  public var beganAnewAt: EventTime?
}

extension StageStatus {
  /// Reads what earlier versions told, too.
  public init(from decoder: any Decoder) throws {
    let stage = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      stage: try stage.decode(StageName.self, forKey: .stage),
      health: try stage.decode(StageHealth.self, forKey: .health),
      failure: try stage.decodeIfPresent(String.self, forKey: .failure),
      total: try stage.decode(NodeLedger.self, forKey: .total),
      sinceStart: try stage.decode(NodeLedger.self, forKey: .sinceStart),
      inFlight: try stage.decode(.inFlight, or: 0), backlog: try stage.decode(.backlog, or: 0),
      lastEventWall: try stage.decodeIfPresent(EventTime.self, forKey: .lastEventWall),
      lastEventTime: try stage.decodeIfPresent(EventTime.self, forKey: .lastEventTime),
      lastBarrierWall: try stage.decodeIfPresent(EventTime.self, forKey: .lastBarrierWall),
      cpuNanoseconds: try stage.decode(.cpuNanoseconds, or: 0),
      isHeldUp: try stage.decode(.isHeldUp, or: false),
      recentlyDropped: try stage.decode(.recentlyDropped, or: ReasonCounts()),
      lately: try stage.decodeIfPresent(RecentIntake.self, forKey: .lately),
      outage: try stage.decodeIfPresent(StageOutage.self, forKey: .outage),
      processes: try stage.decodeIfPresent([ProcessStatus].self, forKey: .processes),
      beganAnewAt: try stage.decodeIfPresent(EventTime.self, forKey: .beganAnewAt))
  }
}
