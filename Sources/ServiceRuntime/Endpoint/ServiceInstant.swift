/// An instant of one process's own clock, which goes on while the process stands still.
///
/// Every answer of an endpoint shows one (``field``). Who asks for a change may send one back, until which he waits
/// (``deadlineField``): a process that comes to the request later, or that has begun anew since, does not do what nobody waits
/// for any more. No two machines' clocks are compared.
public struct ServiceInstant: Sendable, Hashable, CustomStringConvertible {
  /// The field of an answer.
  public static let field = "Service-Instant"
  /// The field of a request.
  public static let deadlineField = "Done-Before"
  private static let longestName = 32

  /// Tells the process from those before and after it: 1 to 32 letters and digits.
  public let process: String
  /// Milliseconds since the process began.
  public let milliseconds: UInt64

  init(process: String, milliseconds: UInt64) {
    self.process = process
    self.milliseconds = milliseconds
  }

  /// Reads what ``description`` writes; nil where it is something else.
  public init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...Self.longestName).contains(parts[0].utf8.count),
      parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }), let number = UInt64(parts[1])
    else { return nil }
    process = String(parts[0])
    milliseconds = number
  }

  public var description: String { "\(process).\(milliseconds)" }

  /// The instant that is later by `duration`; a negative one counts as none.
  public func advanced(by duration: Duration) -> Self {
    let (seconds, attoseconds) = duration.components
    // Longer than anybody waits, and far from running over.
    let later = UInt64(clamping: min(seconds, 1 << 40)) * 1_000
    let rest = UInt64(clamping: attoseconds / 1_000_000_000_000_000)
    let sum = milliseconds.addingReportingOverflow(later + rest)
    return Self(process: process, milliseconds: sum.overflow ? .max : sum.partialValue)
  }
}

/// The clock that a process shows to those who ask it.
struct ServiceInstants: Sendable {
  private let process: String
  private let elapsed: @Sendable () -> Duration

  init(clock: some Clock<Duration> = ContinuousClock()) {
    let begun = clock.now
    elapsed = { begun.duration(to: clock.now) }
    process = String(UInt64.random(in: .min ... .max), radix: 36)
  }

  var now: ServiceInstant { ServiceInstant(process: process, milliseconds: 0).advanced(by: elapsed()) }

  /// Whether nobody waits any more; also where the instant is another process's.
  func isPast(_ deadline: ServiceInstant) -> Bool {
    deadline.process != process || deadline.milliseconds < now.milliseconds
  }
}
