import CDBDomain
import enum ServiceRuntime.NearestName

/// Something that an exchange does wrong for a while.
public struct Fault: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Connections end: with a close frame, or with a TCP reset. Once, at the start.
    case close, reset
    /// `serverShutdown` is announced; once, at the start.
    case shutdown
    /// New connections are refused with 503.
    case refuse
    /// Connected, and nothing is sent: what was due is lost.
    case silence
    /// Prices stand still, and quotes repeat.
    case freeze
    /// Every so many messages: twice, not at all, or behind the next one.
    case duplicate, gap, reorder
    /// Every so many messages something else comes along: random bytes as text, a binary message, a text that is
    /// no UTF-8, or a message beyond any limit.
    case garbage, binary, invalidText = "invalid_text", oversized
    /// Every so many messages one ends in the middle.
    case truncate
    /// Messages come late, by `amount` seconds.
    case slow
    /// The exchange's clock is off, by `amount` seconds.
    case skew
    /// Snapshots are those of the start, or have other quantities.
    case staleSnapshot = "stale_snapshot", wrongSnapshot = "wrong_snapshot"
    /// REST answers 429 or 418 with `Retry-After: amount`, 500, or not at all.
    case limited, banned, serverError = "server_error", hang
    /// The server does not ping, or does not answer pings.
    case noPing = "no_ping", noPong = "no_pong"
  }

  public var kind: Kind
  /// Seconds from the exchange's start, or from the command that brings the fault.
  public var start: Double
  /// Seconds.
  public var duration: Double
  /// How many messages there are to each that is affected; at least one.
  public var every: Int
  public var amount: Double

  public init(
    _ kind: Kind, at start: Double = 0, for duration: Double = 0, every: Int = 10, amount: Double = 1
  ) {
    self.kind = kind
    self.start = start
    self.duration = duration
    self.every = every
    self.amount = amount
  }

  private enum CodingKeys: String, CodingKey { case kind, start, duration, every, amount }

  /// Everything but the kind may be left out.
  ///
  /// - Throws: ``UnknownFault``, and `DecodingError` of anything else.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .kind)
    guard let kind = Kind(rawValue: name) else { throw UnknownFault(name: name) }
    self.init(kind)
    start = try container.decodeIfPresent(Double.self, forKey: .start) ?? start
    duration = try container.decodeIfPresent(Double.self, forKey: .duration) ?? duration
    every = max(1, try container.decodeIfPresent(Int.self, forKey: .every) ?? every)
    amount = try container.decodeIfPresent(Double.self, forKey: .amount) ?? amount
    guard start.isFinite, duration.isFinite, amount.isFinite, abs(amount) <= 1_000_000 else {
      throw DecodingError.dataCorruptedError(
        forKey: .amount, in: container, debugDescription: "a fault's times and amount are moderate numbers")
    }
  }
}

/// A fault was named that there is not. Its words have the known ones, the nearest first.
public struct UnknownFault: Error, Hashable, CustomStringConvertible {
  private static let longestName = 40

  /// What was written.
  public let name: String

  /// - Parameter name: what was written.
  public init(name: String) { self.name = name }

  public var description: String {
    let known = Fault.Kind.allCases.map(\.rawValue)
    let nearest = NearestName.of(name, among: known).map { "; did you mean \($0)?" } ?? ""
    return
      "there is no fault \(name.prefix(Self.longestName))\(nearest) (there are \(known.joined(separator: ", ")))"
  }
}

extension Fault.Kind {
  /// Whether it happens at an instant instead of lasting.
  var isSudden: Bool { [.close, .reset, .shutdown].contains(self) }

  /// Whether only who asks for a snapshot notices it.
  var concernsSnapshots: Bool {
    [.staleSnapshot, .wrongSnapshot, .limited, .banned, .serverError, .hang].contains(self)
  }
}

/// What an exchange will do wrong, and when. A value: the same seed gives the same plan.
public struct FaultPlan: Sendable, Hashable, Codable {
  public var faults: [Fault]

  public init(_ faults: [Fault] = []) { self.faults = faults }

  /// Faults of every kind in `kinds` by chance, one after the other, with calm in between.
  ///
  /// - Parameters: seconds.
  public init(
    seed: UInt64, duration: Double, calm: ClosedRange<Int64> = 4...12,
    kinds: [Fault.Kind] = Fault.Kind.allCases.filter { $0 != .wrongSnapshot }
  ) {
    var random = RandomSource(seed: seed)
    faults = []
    var time = Double(random.integer(in: calm))
    var left = kinds.shuffled(using: &random)
    while time < duration - Double(calm.upperBound), !kinds.isEmpty {
      if left.isEmpty { left = kinds.shuffled(using: &random) }
      let kind = left.removeLast()
      let length = kind.isSudden ? 0 : Double(random.integer(in: 2...8))
      let amount: Double =
        switch kind {
        case .skew: Double(random.integer(in: -5...5))
        case .limited, .banned: Double(random.integer(in: 1...10))
        default: Double(random.integer(in: 1...20)) / 10
        }
      faults.append(
        Fault(kind, at: time, for: length, every: Int(random.integer(in: 2...40)), amount: amount))
      // Nobody asks for a snapshot before a book is lost.
      if kind.concernsSnapshots { faults.append(Fault(.gap, at: time, for: min(1, length), every: 3)) }
      time += length + Double(random.integer(in: calm))
    }
  }

  /// The faults that last at that second.
  func active(at seconds: Double) -> [Fault] {
    faults.filter { !$0.kind.isSudden && $0.start <= seconds && seconds < $0.start + $0.duration }
  }
}
