import CDBDomain

/// What a store's rows say when they are held against each other, by id and never by count.
public struct StoreAudit: Sendable, Codable, Hashable {
  /// A rule that rows break, with some of the ids that break it.
  public struct Finding: Sendable, Codable, Hashable {
    public var rule: String
    public var ids: [String]
  }

  public var orders = 0
  public var results = 0
  public var fills = 0
  public var findings: [Finding] = []
  public var accounts: [AccountProjection] = []
  public init() {}

  public func account(_ name: String) -> AccountProjection? { accounts.first { $0.account == name } }
}

/// An account as its fills in the store make it.
public struct AccountProjection: Sendable, Codable, Hashable {
  public var account: String
  public var fills = 0
  public var bought = Money.zero
  public var sold = Money.zero
  public var fees = Money.zero
  /// By instrument; instruments without a fill are absent.
  public var positions: [InstrumentID: Quantity] = [:]
  /// Orders without a final result.
  public var openOrders: [EventID] = []

  public init(account: String) { self.account = account }
}

/// A probe order as the store has it.
public struct ProbeRecord: Sendable, Codable, Hashable {
  public struct Result: Sendable, Codable, Hashable {
    public var id: String
    public var status: String
    public var reason: String
  }

  public var number: UInt64
  public var signal: String
  public var approved: Bool
  public var reason: String
  /// Nil where the decision refused.
  public var order: String?
  public var results: [Result]
  public var fills: Int

  /// Whether an answer that nothing follows is among the results.
  public var isFinal: Bool {
    !approved || results.contains { OrderStatus(code: $0.status)?.isFinal == true }
  }
}

/// A control event as the store has it.
public struct ControlRecord: Sendable, Codable, Hashable {
  public var time: EventTime
  public var control: Control

  public init(time: EventTime, control: Control) {
    self.time = time
    self.control = control
  }
}

extension OrderStatus {
  public init?(code: String) {
    guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = found
  }
}
