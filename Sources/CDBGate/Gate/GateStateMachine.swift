import CDBDomain
import CDBPipeline

/// Decides the gate's transitions. A value: time comes with each input, and what is to be done comes back.
///
/// - closed: nothing is let through. Verification begins by policy or because an operator asks.
/// - verifying: the checks run one after the other. Five fresh passes open; anything else goes back.
/// - open: passes are renewed before they expire. A failed check, an expired pass or a condition trips.
/// - tripped: as closed, and orders that reduce are let through.
/// - stopped: only a resume leaves it, and that leads to closed.
public struct GateStateMachine: Sendable {
  public enum Input: Sendable, Hashable {
    /// Time has passed.
    case tick
    /// What execution lets through, as far as its events have come.
    case observed(GateState)
    case verdict(GateVerdict)
    /// The cause that is there now; nil where there is none.
    case condition(GateCondition?)
    /// An incident needs a person before the gate may open, whatever the policy says of its reason.
    case hold(ReasonCode)
    /// A person has written down the cause of every incident that held it: the policy may open again.
    case release
    /// What errors were logged for is over: whoever waits for them to leave the window need not.
    case errorsOver
    /// Time has passed since the input came to its end: nothing crosses the pipeline any more that a check could see.
    case ended
    case open(actor: String, reason: String)
    case close(actor: String, reason: String)
    case stop(actor: String, reason: String)
    case resume(actor: String, justification: String)
  }

  public enum Action: Sendable, Hashable {
    /// Put this into the pipeline's input.
    case submit(Control)
    /// Carry out this check, and answer with a verdict.
    case check(GateCheck)
  }

  public private(set) var state: GateState
  /// Since when, and by whom and why.
  public private(set) var change: GateChange
  public private(set) var changedAt: EventTime
  public private(set) var verdicts: [GateCheck: GateVerdict] = [:]
  /// The check that is being carried out.
  public private(set) var running: GateCheck?
  /// What only a person may open it after, and where that was found; nil where the policy may.
  public private(set) var awaited: GateCondition?
  /// What keeps it shut, and where that was found, until it is open again; nil where it has only begun, and where
  /// somebody chose it.
  public private(set) var cause: GateCondition?
  /// An operator closed it, and policy leaves it so.
  public private(set) var isHeld = false
  /// The cause that is there now.
  public private(set) var condition: GateCondition?

  /// The newest emergency stops since the process began, oldest first.
  public private(set) var stops: [GateStop] = []

  public let policy: GatePolicy
  private var runningSince: EventTime
  private var origin = GateState.closed
  private var verifyingSince: EventTime
  private var calmSince: EventTime
  private var nextAttempt: EventTime
  private var nextCheck: EventTime
  /// A resume is under way to the stages: that they still say stopped is no new stop.
  private var isResuming = false
  /// Who stopped it before this process began, and why.
  private var earlierStop: (actor: String, reason: String, at: EventTime)?
  /// Verifications that have failed one after the other.
  private var failuresInARow = 0

  /// - Parameter observed: what execution lets through as the process takes over. Only a stop outlives a process.
  public init(policy: GatePolicy, observed: GateState, at now: EventTime) {
    self.policy = policy
    state = observed == .stopped ? .stopped : .closed
    change = GateChange(state: state, actor: GateChange.policy, reason: GateChange.restart)
    changedAt = now
    runningSince = now
    verifyingSince = now
    calmSince = now.advanced(by: -policy.cooldown)
    nextAttempt = now
    nextCheck = now
  }

  /// Takes over what an earlier process left to a person: a stop, a gate that was closed by hand, or one that tripped
  /// for what only a person may open it after, each with who, why and since when. A restart is no way around any.
  ///
  /// - Parameter past: transitions, stops and resumes of before, the newest of each first.
  public mutating func remember(_ past: [ControlRecord]) {
    for record in past {
      if case .resume = record.control { break }
      guard case .stop(let reason, let actor) = record.control else { continue }
      earlierStop = (actor ?? Self.unknownActor, reason, record.time)
      if state == .stopped { note(.stopped, actor: actor ?? Self.unknownActor, reason: reason, record.time) }
      break
    }
    for record in past {
      guard case .gate(let last) = record.control, !last.isRestart else { continue }
      if last.state == .closed, last.isByOperator {
        isHeld = true
        if state == .closed { note(.closed, actor: last.actor, reason: last.reason, record.time) }
      }
      if let reason = ReasonCode(code: last.reason), last.state != .open, policy.needsPerson.contains(reason)
      {
        awaited = GateCondition(reason: reason)
      }
      return
    }
  }

  /// The reasons of transitions that no code stands for: a verification by policy, and its success.
  static let verification = "verification"
  static let passed = "five checks passed"
  /// Who stopped, where the journal does not say.
  static let unknownActor = "journal"
  private static let stopsKept = 8

  public mutating func handle(_ input: Input, at now: EventTime) -> [Action] {
    switch input {
    case .tick: return tick(now)
    case .observed(let observed):
      // A stop counts whoever gave it; an older one may come out of the journal.
      if observed != .stopped { isResuming = false }
      guard observed == .stopped, state != .stopped, !isResuming else { return [] }
      note(
        .stopped, actor: earlierStop?.actor ?? Self.unknownActor,
        reason: earlierStop?.reason ?? ReasonCode.gateStopped.code, earlierStop?.at ?? now)
      return []
    case .verdict(let verdict): return take(verdict, now)
    case .condition(let condition): return take(condition, now)
    case .hold(let reason): return hold(GateCondition(reason: reason), now)
    case .release:
      awaited = nil
      return []
    case .errorsOver:
      // What else was logged is found by the check, and waited for then.
      if cause?.reason == .errorsLogged {
        nextAttempt = min(nextAttempt, now.advanced(by: policy.retryAfter))
      }
      return []
    case .ended:
      running = nil
      // Only said: whoever takes transitions in may have ended, too.
      if state == .verifying {
        note(origin, actor: GateChange.policy, reason: cause?.reason.code ?? GateChange.restart, now)
      }
      return []
    case .open(let actor, let reason):
      guard state != .stopped else { return [] }
      isHeld = false
      awaited = nil
      guard state == .closed || state == .tripped else { return [] }
      return beginVerifying(actor: actor, reason: reason, now)
    case .close(let actor, let reason):
      guard state != .stopped else { return [] }
      isHeld = true
      cause = nil
      // Journaled even where it is closed already: that it is held must outlive the process.
      return [go(to: .closed, actor: actor, reason: reason, now)]
    case .stop(let actor, let reason):
      isResuming = false
      note(.stopped, actor: actor, reason: reason, now)
      return [.submit(.stop(reason: reason, actor: actor))]
    case .resume(let actor, let justification):
      guard state == .stopped else { return [] }
      isResuming = true
      earlierStop = nil
      if let last = stops.indices.last { stops[last].until = now }
      note(.closed, actor: actor, reason: justification, now)
      nextAttempt = now
      return [.submit(.resume(justification: justification, actor: actor))]
    }
  }

  /// Why only a person may open it; nil where the policy may.
  public var awaitsPerson: ReasonCode? { awaited?.reason }

  /// A pass that is fresh enough to count.
  public func holds(_ check: GateCheck, at now: EventTime) -> Bool {
    guard let verdict = verdicts[check], verdict.outcome == .pass else { return false }
    return now <= verdict.at.advanced(by: policy.timing(of: check).validity)
  }

  /// When it verifies again by policy, if nothing comes in between; nil where it does not, or is at it.
  public var nextVerification: EventTime? {
    guard state == .closed || state == .tripped, policy.opensByItself, !isHeld, awaitsPerson == nil,
      condition == nil
    else { return nil }
    return max(nextAttempt, calmSince.advanced(by: policy.cooldown))
  }

  /// How many checks have passes that count now: while it verifies, those of this verification.
  public func passes(at now: EventTime) -> Int {
    GateCheck.allCases.count {
      holds($0, at: now) && (state != .verifying || (verdicts[$0]?.at ?? .distantPast) >= verifyingSince)
    }
  }

  // MARK: What happens in a state

  private mutating func tick(_ now: EventTime) -> [Action] {
    if let late = running, now > runningSince.advanced(by: policy.checkDeadline) {
      return take(GateVerdict(check: late, outcome: .unknown, reason: .checkUnavailable, at: now), now)
    }
    switch state {
    case .stopped: return []
    case .closed, .tripped:
      guard let due = nextVerification, now >= due else { return [] }
      return beginVerifying(actor: GateChange.policy, reason: Self.verification, now)
    case .verifying:
      if let condition { return goBack(condition, now) }
      guard running == nil else { return [] }
      let next = GateCheck.allCases.first {
        !holds($0, at: now) || (verdicts[$0]?.at ?? .distantPast) < verifyingSince
      }
      if let next { return [begin(next, now)] }
      failuresInARow = 0
      return [go(to: .open, actor: change.actor, reason: Self.passed, now)]
    case .open:
      if let expired = GateCheck.allCases.first(where: { !holds($0, at: now) }) {
        let layer: Layer? = expired == .dbConsistency ? expired.layer : nil
        return trip(
          GateCondition(reason: .checkExpired, layer: layer),
          "\(ReasonCode.checkExpired.code):\(expired.rawValue)", now)
      }
      guard running == nil, now >= nextCheck else { return [] }
      let due = GateCheck.allCases.map { (check: $0, at: renewal(of: $0)) }.min { $0.at < $1.at }
      guard let due, now >= due.at else { return [] }
      return [begin(due.check, now)]
    }
  }

  /// When the pass of a check is to be renewed.
  private func renewal(of check: GateCheck) -> EventTime {
    verdicts[check].map { $0.at.advanced(by: policy.timing(of: check).renewal) } ?? .distantPast
  }

  private mutating func take(_ verdict: GateVerdict, _ now: EventTime) -> [Action] {
    // Nobody waits for it any more: it was measured for a verification that has ended.
    guard running == verdict.check else { return [] }
    running = nil
    let before = verdicts[verdict.check]
    if state == .open, verdict.outcome == .unknown, before != nil {
      // A check that could not be carried out does not refute the pass before it; that one will expire.
      nextCheck = now.advanced(by: policy.retryAfter)
      return []
    }
    verdicts[verdict.check] = verdict
    var actions: [Action] = []
    if before?.outcome != verdict.outcome || before?.reason != verdict.reason {
      actions.append(.submit(.verdict(verdict)))
    }
    guard verdict.outcome != .pass else { return actions }
    let found = following(GateCondition(reason: verdict.reason, layer: verdict.foundIn))
    if policy.needsPerson.contains(verdict.reason) { awaited = found }
    switch state {
    case .verifying: actions += goBack(found, now)
    case .open: actions += trip(found, verdict.reason.code, now)
    case .closed, .tripped, .stopped: break
    }
    return actions
  }

  private mutating func take(_ new: GateCondition?, _ now: EventTime) -> [Action] {
    if new == nil, condition != nil { calmSince = now }
    condition = new
    guard let new else { return [] }
    // Whatever the state: what was lost or wrong waits for a person.
    if policy.needsPerson.contains(new.reason) { return hold(new, now) }
    return shut(new, now)
  }

  private mutating func hold(_ found: GateCondition, _ now: EventTime) -> [Action] {
    let isNew = awaitsPerson != found.reason
    awaited = found
    let before = cause
    let actions = shut(found, now)
    // That an incident waits for a person is not why: what made the incident is.
    if found.reason == .incidentOpen { cause = before }
    guard isNew, actions.isEmpty else { return actions }
    // Nothing changes but the history: that a person is needed must outlive the process.
    return [.submit(.gate(GateChange(state: state, actor: GateChange.policy, reason: found.reason.code)))]
  }

  private mutating func shut(_ found: GateCondition, _ now: EventTime) -> [Action] {
    switch state {
    case .open: return trip(found, found.reason.code, now)
    case .verifying: return goBack(found, now)
    case .closed, .tripped:
      // What came last keeps it shut, except where somebody shut it.
      if !isHeld { cause = outlasting(found) }
      return []
    case .stopped: return []
    }
  }

  /// What is seen of a standstill from outside belongs to what the gate is shut for already, and not to the layer that the
  /// check looks at.
  private func following(_ found: GateCondition) -> GateCondition {
    guard found.reason.isSeenFromOutside, let layer = cause?.layer else { return found }
    return GateCondition(reason: found.reason, layer: layer)
  }

  /// That the process stood still for a moment takes the place of nothing that the gate is shut for already.
  private func outlasting(_ found: GateCondition) -> GateCondition {
    found.reason == .processHeldUp ? cause ?? found : found
  }

  // MARK: Transitions

  private mutating func beginVerifying(actor: String, reason: String, _ now: EventTime) -> [Action] {
    origin = state
    verifyingSince = now
    running = nil
    return [go(to: .verifying, actor: actor, reason: reason, now)]
  }

  private mutating func begin(_ check: GateCheck, _ now: EventTime) -> Action {
    running = check
    runningSince = now
    return .check(check)
  }

  private mutating func goBack(_ found: GateCondition, _ now: EventTime) -> [Action] {
    cause = outlasting(found)
    // What failed again and again is not looked at as often.
    let pause = policy.retryAfter << Int64(min(failuresInARow, 8))
    nextAttempt = attempt(
      after: found, now.advanced(by: max(policy.retryAfter, min(pause, policy.longestRetry))), now)
    failuresInARow += 1
    return [go(to: origin, actor: GateChange.policy, reason: found.reason.code, now)]
  }

  /// Errors that were logged count for as long as they do: who verifies before that finds them again.
  private func attempt(after found: GateCondition, _ usual: EventTime, _ now: EventTime) -> EventTime {
    guard found.reason == .errorsLogged, let clear = verdicts[.logs]?.clearsAt else { return usual }
    return max(clear, now.advanced(by: policy.retryAfter))
  }

  private mutating func trip(_ found: GateCondition, _ words: String, _ now: EventTime) -> [Action] {
    cause = found
    nextAttempt = attempt(after: found, now.advanced(by: policy.retryAfter), now)
    if condition == nil { calmSince = now }
    return [go(to: .tripped, actor: GateChange.policy, reason: words, now)]
  }

  private mutating func go(
    to state: GateState, actor: String, reason: String, _ now: EventTime
  ) -> Action {
    note(state, actor: actor, reason: reason, now)
    return .submit(.gate(change))
  }

  private mutating func note(_ state: GateState, actor: String, reason: String, _ now: EventTime) {
    if state == .stopped, self.state != .stopped {
      stops = stops.suffix(Self.stopsKept - 1) + [GateStop(actor: actor, reason: reason, since: now)]
    }
    self.state = state
    change = GateChange(state: state, actor: actor, reason: reason)
    changedAt = now
    running = nil
    if state == .open || state == .stopped { cause = nil }
  }
}
