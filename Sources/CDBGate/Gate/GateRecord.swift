import CDBDomain

/// A command that the gate was given, and when.
public struct GateRecord: Sendable, Hashable {
  public var control: Control
  public var at: EventTime

  public init(_ control: Control, at: EventTime) {
    self.control = control
    self.at = at
  }
}
