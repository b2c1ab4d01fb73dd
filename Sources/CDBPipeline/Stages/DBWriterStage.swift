import CDBDomain

/// db_writer: says which events become rows. The sink around it commits them with its input position.
public struct DBWriterStage: Stage {
  public static let name = StageName.dbWriter
  public init() {}

  public mutating func handle(_ event: Event, _ outbox: inout Outbox) -> Disposition {
    switch event {
    case .signal, .decision, .order, .cancel, .result, .summary, .alert, .control: .acted
    case .tick: .absorbed(.tick)
    case .trade, .quote, .book, .kline: .dropped(.unexpectedEvent)
    }
  }
}
