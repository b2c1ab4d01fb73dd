import CDBDomain
import CDBGate
import CDBPipeline
import ServiceLifecycle
import ServiceRuntime

/// Controls that a gate process sends to ws, numbered by it.
public struct ControlInput: Codable, Sendable {
  /// The name of the process that sends, a new one with each start: 1 to 64 letters, digits, `-` and `_`.
  public var sender: String
  /// The number of the first control; the others follow. From 1.
  public var first: UInt64
  /// At most ``ControlIntake/mostControls``; none where only a barrier is asked for, or to say that the sender lives.
  public var controls: [Control]
  /// Whether a barrier is wanted with the next input.
  public var wantsBarrier: Bool

  enum CodingKeys: String, CodingKey {
    case sender, first, controls
    case wantsBarrier = "wants_barrier"
  }

  public init(sender: String, first: UInt64, controls: [Control], wantsBarrier: Bool) {
    self.sender = sender
    self.first = first
    self.controls = controls
    self.wantsBarrier = wantsBarrier
  }
}

/// What ws has of a sender's controls.
public struct ControlReceipt: Codable, Sendable, Hashable {
  /// The number of the last one that is in the journal, as all before it; the one before `first` of a sender that is new.
  public var taken: UInt64
  public init(taken: UInt64) { self.taken = taken }
}

/// Takes the controls of gate processes into the input of the pipeline: each once and in order, however often it is sent.
///
/// What this process has taken it knows until it ends. A sender that had no answer when ws died sends again to the next ws, and
/// what the journal had of that is there twice then: every control says what is to be, so the second changes nothing.
public actor ControlIntake: Service {
  /// Controls that one request may have.
  public static let mostControls = 256
  /// Senders that are remembered; of more the one that has been silent longest is forgotten.
  static let mostSenders = 16
  static let longestName = 64
  /// How long a request waits for the journal. Less than the sender waits for the answer.
  static let patience = Duration.milliseconds(500)
  /// Without a word of any sender for so long the gate is shut: nobody would trip it. A gate service that is started again is
  /// back sooner.
  static let longestSilence = Duration.seconds(10)

  private struct Sender {
    /// The number of the last control that was put into the input.
    var last: UInt64
    /// The last that is known to be in the journal.
    var journaled: UInt64
    /// Of those between: the number of each in the input.
    var commands: [UInt64] = []
    var heard: ContinuousClock.Instant
  }

  private let controls: IntakeControls
  private let patience: Duration
  private var senders: [String: Sender] = [:]
  /// Of senders that were overtaken, the number of the last stop that was taken all the same.
  private var overtakenStops: [String: UInt64] = [:]
  /// Who came last. Two gates at once would open and close the same door.
  private var current: String?
  private var isShut = false
  /// When it began; nil where there is no gate.
  private let begun: ContinuousClock.Instant?

  /// - Parameter isGuarded: whether orders need an open gate: then a gate process is missed that never comes, too.
  public init(_ controls: IntakeControls, isGuarded: Bool = false) {
    self.init(controls, isGuarded: isGuarded, patience: Self.patience)
  }

  init(_ controls: IntakeControls, isGuarded: Bool = false, patience: Duration) {
    self.controls = controls
    self.patience = patience
    begun = isGuarded ? ContinuousClock.now : nil
  }

  /// Puts what is new into the input, and answers when the journal has it, or after half a second with what it has.
  ///
  /// - Throws: `OperationError`: of the input's form, of numbers between that never came, or where the input is ending.
  public func take(_ input: ControlInput) async throws -> ControlReceipt {
    try check(input)
    let now = ContinuousClock.now
    var sender =
      senders[input.sender] ?? Sender(last: input.first - 1, journaled: input.first - 1, heard: now)
    sender.heard = now
    if senders[input.sender] == nil { current = input.sender }
    guard input.sender == current || input.controls.allSatisfy(\.isStop) && !input.controls.isEmpty else {
      takeStops(of: input)
      throw OperationError.conflict("another gate process has taken over since: end one of them")
    }
    isShut = false
    guard input.first <= sender.last + 1 else {
      throw OperationError.notFound(
        "the controls of \(input.sender) from \(sender.last + 1) on have not come: send them first")
    }
    defer { forgetSilent() }
    let known = Int(clamping: sender.last + 1 - input.first)
    var isRefused = false
    for control in input.controls.dropFirst(known) {
      guard let command = controls.submit(control) else {
        isRefused = true
        break
      }
      sender.commands.append(command)
      sender.last += 1
    }
    let newest = sender.commands.last
    senders[input.sender] = sender
    if isRefused {
      throw OperationError.conflict("the input takes no commands: it is a journal's, or it is ending")
    }
    if input.wantsBarrier { controls.requestBarrier() }
    if let newest { _ = await controls.journaled(newest, within: patience) }
    return ControlReceipt(taken: note(input.sender) ?? input.first - 1)
  }

  /// Takes the stops of a gate that was overtaken, each once, and nothing else of it.
  private func takeStops(of input: ControlInput) {
    if overtakenStops.count > Self.mostSenders { overtakenStops = [:] }
    for (offset, control) in input.controls.enumerated() where control.isStop {
      let number = input.first + UInt64(offset)
      guard number > overtakenStops[input.sender] ?? 0 else { continue }
      _ = controls.submit(control)
      overtakenStops[input.sender] = number
    }
  }

  private func check(_ input: ControlInput) throws {
    let isName =
      !input.sender.isEmpty && input.sender.utf8.count <= Self.longestName
      && input.sender.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    guard isName else {
      throw OperationError.invalidInput("sender is 1 to \(Self.longestName) letters, digits, - and _")
    }
    guard input.first >= 1, input.first < UInt64.max / 2 else {
      throw OperationError.invalidInput("first is a number from 1")
    }
    guard input.controls.count <= Self.mostControls else {
      throw OperationError.invalidInput("a request has at most \(Self.mostControls) controls")
    }
  }

  /// Looks how far the journal has come with a sender's controls.
  private func note(_ name: String) -> UInt64? {
    guard var sender = senders[name] else { return nil }
    let journaled = controls.lastJournaled
    let done = sender.commands.prefix { $0 <= journaled }.count
    sender.commands.removeFirst(done)
    sender.journaled += UInt64(done)
    senders[name] = sender
    return sender.journaled
  }

  private func forgetSilent() {
    while senders.count > Self.mostSenders, let oldest = senders.min(by: { $0.value.heard < $1.value.heard })
    {
      senders[oldest.key] = nil
    }
  }

  /// Shuts the gate when every gate process has fallen silent that was ever heard.
  public func run() async throws {
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      shutWhereSilent(at: ContinuousClock.now)
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(500)) }
    }
  }

  /// How long no gate process has said a word; nil where none is waited for.
  func silence(at now: ContinuousClock.Instant = .now) -> Duration? {
    (senders.values.map(\.heard).max() ?? begun).map { max(.zero, now - $0) }
  }

  func shutWhereSilent(at now: ContinuousClock.Instant) {
    guard !isShut, let silence = silence(at: now), silence >= Self.longestSilence else { return }
    let change = GateChange(
      state: .tripped, actor: GateChange.policy, reason: ReasonCode.processLost.code)
    isShut = controls.submit(.gate(change)) != nil
  }

  /// What ws offers as an operation.
  public nonisolated var operation: AnyOperation {
    AnyOperation(
      Operation<ControlInput, ControlReceipt>(
        name: "controls", summary: "Takes controls of a gate process into the input, each once and in order.",
        effect: .change, permission: "pipeline.control",
        examples: [#"{"sender":"gate-1","first":1,"controls":[],"wants_barrier":true}"#],
        // A gate process sends them again and again, numbered; what is too late there is the gate's to say.
        isDoneLate: true
      ) { input, _ in try await self.take(input) })
  }
}

extension Control {
  /// What anybody may say at any time.
  fileprivate var isStop: Bool { if case .stop = self { true } else { false } }
}
