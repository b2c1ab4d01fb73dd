/// What the gate lets happen. It changes by control events alone, so that a journal says at every instant
/// what was allowed.
public enum GateState: String, Sendable, Hashable, CaseIterable, Codable {
  /// Nothing is let through.
  case closed
  /// The five checks run; probe orders are let through, and orders that reduce.
  case verifying
  /// Everything is let through.
  case open
  /// A check failed or an incident came: only orders that reduce are let through.
  case tripped
  /// The emergency stop: nothing is let through, and only a resume with a justification leaves it.
  case stopped

  /// The state that a control event leads to.
  ///
  /// - Parameter enforced: whether there is a gate at all; without one every order is let through unless
  ///   somebody stopped.
  public func after(_ control: Control, enforced: Bool) -> GateState {
    switch control {
    case .stop: .stopped
    case .resume: self != .stopped ? self : enforced ? .closed : .open
    case .gate(let change): self == .stopped || change.state == .stopped ? self : change.state
    case .configure(let configuration):
      self == .stopped || configuration.gate.enforced == enforced
        ? self : GateState(enforced: configuration.gate.enforced)
    case .probe, .verdict, .answer, .incident, .block: self
    }
  }

  /// Where a pipeline begins.
  public init(enforced: Bool) { self = enforced ? .closed : .open }
}

/// Whether orders need an open gate.
public struct GateRules: Sendable, Hashable, Codable {
  /// False where nobody watches the market, as in the replay of a recording.
  public var enforced = false
  public init(enforced: Bool = false) { self.enforced = enforced }
}

/// A transition of the gate, with who asked for it and why.
public struct GateChange: Sendable, Hashable, Codable {
  public var state: GateState
  /// `operator`, `policy` or `agent`, with a name where one is known.
  public var actor: String
  /// A reason code, or an operator's own words.
  public var reason: String
  /// Of the transition that a restart makes, the process that began with it: a name that no other has. Nil of any other, and in
  /// what versions before wrote.
  public var process: String?

  public init(state: GateState, actor: String, reason: String, process: String? = nil) {
    self.state = state
    self.actor = actor
    self.reason = reason
    self.process = process
  }

  /// An open gate was opened by checks of a process that is gone.
  public static func restarted(by process: String?) -> Self {
    Self(state: .closed, actor: policy, reason: restart, process: process)
  }

  /// Who changes the gate without being asked.
  public static let policy = "policy"
  /// The reason of the transition that a restart makes: an open gate was opened by checks of a process that is gone.
  public static let restart = "restart"

  /// Whether the process began with it. An operator may have used the same word.
  public var isRestart: Bool { actor == Self.policy && reason == Self.restart }

  public var isByOperator: Bool { actor.hasPrefix("operator") }
}

extension GateState {
  /// Why this state refuses an order; nil where it lets it through. The one place where this is decided, for
  /// probes as for real orders.
  public func refusal(of order: Order) -> ReasonCode? {
    let isProbe = order.account == RiskEngine.canaryName
    return switch self {
    case .open: nil
    case .verifying: isProbe || order.isReducing ? nil : .gateVerifying
    case .tripped: !isProbe && order.isReducing ? nil : .gateTripped
    case .closed: .gateClosed
    case .stopped: .gateStopped
    }
  }
}

extension Order {
  /// Whether it can only make a position smaller. Accounts hold no short positions, so a sell reduces.
  public var isReducing: Bool { side == .sell }
}
