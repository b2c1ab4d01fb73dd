import CDBDomain
import CDBGate
import ServiceRuntime

extension RunOperations {
  public struct BlockFinishInput: Codable, Sendable {
    /// Needed before the block's time is up.
    public var reason: String?
    public init(reason: String?) { self.reason = reason }
  }

  public struct BlockReportInput: Codable, Sendable {
    public var lessons: [String]?
    public var todos: [String]?

    public init(lessons: [String]? = nil, todos: [String]? = nil) {
      self.lessons = lessons
      self.todos = todos
    }
  }

  static func blocks(_ run: Surroundings) -> [AnyOperation] {
    [
      AnyOperation(
        Operation<NoInput, BlockStatus>(
          name: "block.status", summary: "Where the newest block stands, and what comes next."
        ) { _, _ in
          let keeper = try keeper(run)
          return await keeper.status
        }),
      AnyOperation(
        Operation<NoInput, BlockAnswer>(
          name: "block.start",
          summary: "Begins the next block; needs an open gate, a fresh canary, and the last one analysed.",
          effect: .change, permission: "block.start"
        ) { _, context in try await keeper(run).start(actor: operatorName(context)) }),
      AnyOperation(
        Operation<BlockFinishInput, BlockAnswer>(
          name: "block.finish", summary: "Ends the block before its time; needs a reason.", effect: .change,
          permission: "block.finish", examples: [#"{"reason":"the exchange is down for maintenance"}"#]
        ) { input, context in
          try await keeper(run).finish(actor: operatorName(context), reason: input.reason ?? "")
        }),
      AnyOperation(
        Operation<BlockReportInput, BlockReportAnswer>(
          name: "block.report",
          summary: "Has the report of the newest block made, with what was learned from it.",
          effect: .change, permission: "block.report",
          examples: [#"{"lessons":["the spread limit is too tight at night"],"todos":["measure it"]}"#]
        ) { input, context in
          let written = BlockLessons(lessons: input.lessons ?? [], todos: input.todos ?? [])
          let isEmpty = written.lessons.isEmpty && written.todos.isEmpty
          return try await keeper(run).report(
            actor: operatorName(context), lessons: isEmpty ? nil : written)
        }),
    ]
  }

  private static func keeper(_ run: Surroundings) throws -> BlockKeeper {
    guard let blocks = run.blocks else {
      throw OperationError.conflict(
        "this run has no gate, and so no blocks: gate.mode is off, or a recording is replayed at maximum speed"
      )
    }
    return blocks
  }
}
