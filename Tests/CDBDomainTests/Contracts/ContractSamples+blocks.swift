import CDBDomain

extension ContractSamples {
  static func block(_ change: BlockChange) -> BlockEvent {
    BlockEvent(block: 3, at: time.advanced(by: -5_000_000), actor: "operator:http", change: change)
  }

  private static let hour: Int64 = 3_600_000_000_000
  static let plan = BlockPlan(duration: 72 * hour, checkpoints: [24 * hour, 48 * hour, 72 * hour])
  static let figures = BlockFigures(
    books: BlockFigures.Books(
      account: "paper", fills: 12, startingCash: Money(mantissa: 10_000_00000000),
      cash: Money(mantissa: 9_871_12000000), fees: Money(mantissa: 1_23000000),
      equity: Money(mantissa: 10_002_50000000),
      positions: [.init(symbol: "BTCUSDT", quantity: Quantity(mantissa: 212_000))]),
    stages: [.init(stage: .ws, received: 90_210, emitted: 88_001, absorbed: 2_209, dropped: 0)],
    barrier: 412, gate: .open)
  static let blockEnd = BlockEnd(
    reason: "the exchange is down for maintenance", early: 2 * hour, late: 0, figures: figures)
  static let lessons = BlockLessons(
    lessons: ["the spread limit is too tight at night"], todos: ["measure the spread by hour"])
  static let seal = BlockSeal(
    judgement: .partial,
    files: [
      "report.md": String(repeating: "3f", count: 32), "report.html": String(repeating: "9a", count: 32),
    ])

  /// Every kind of event, with text that a careless encoder would break and figures at their ends.
  static func extremeBlocks(_ text: String) -> [BlockChange] {
    var edge = figures
    edge.books?.positions = [.init(symbol: "XUSDT", quantity: Quantity(mantissa: .min))]
    edge.books?.cash = Money(mantissa: .min)
    edge.books?.account = text
    edge.imbalances = [text]
    edge.gate = nil
    return [
      .started(BlockPlan(duration: .max, checkpoints: []), BlockFigures()),
      .checkpoint(
        BlockCheckpoint(number: 1, due: EventTime(nanoseconds: .min), late: .max, figures: edge)),
      .finished(BlockEnd(reason: text, early: .max, late: .max, figures: edge)),
      .learned(BlockLessons(lessons: [text], todos: [text])),
      .reported(BlockSeal(judgement: .critical, files: [text: String(repeating: "0", count: 64)])),
    ]
  }
}
