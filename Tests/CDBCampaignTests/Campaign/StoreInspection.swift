import CDBDomain
import Foundation
import GRDB

/// What is done to a store, and looked up in it, behind the pipeline's back.
struct StoreInspection {
  private let queue: DatabaseQueue

  init(path: String) throws {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    queue = try DatabaseQueue(path: path, configuration: configuration)
  }

  /// Takes the newest fill away; nil where there is none.
  func removeNewestFill() throws -> Row? {
    try queue.write { database in
      guard let row = try Row.fetchOne(database, sql: "SELECT * FROM fills ORDER BY result_id DESC LIMIT 1")
      else { return nil }
      let id: Int64 = row["result_id"]
      try database.execute(sql: "DELETE FROM fills WHERE result_id = ?", arguments: [id])
      return row
    }
  }

  func put(back row: Row) throws {
    let columns = row.columnNames.joined(separator: ", ")
    let marks = row.columnNames.map { _ in "?" }.joined(separator: ", ")
    try queue.write {
      try $0.execute(
        sql: "INSERT INTO fills (\(columns)) VALUES (\(marks))",
        arguments: StatementArguments(row.databaseValues))
    }
  }

  /// Orders of the account that add exposure and were accepted or filled while the gate was not open, by the controls
  /// alone: who decides about them is not asked.
  func ordersOutsideTheGate() throws -> [String] {
    try queue.read { database in
      let changes = try Row.fetchAll(
        database, sql: "SELECT time_ns, kind, body FROM controls ORDER BY origin"
      ).compactMap { row -> (time: Int64, state: String)? in
        let (time, kind): (Int64, String) = (row["time_ns"], row["kind"])
        switch kind {
        case "stop": return (time, "stopped")
        case "resume": return (time, "closed")
        case "gate":
          let body: String = row["body"]
          guard case .gate(let change)? = try? JSONDecoder().decode(Control.self, from: Data(body.utf8))
          else {
            return (time, "unreadable")
          }
          return (time, change.state.rawValue)
        default: return nil
        }
      }
      return try Row.fetchAll(
        database,
        sql: """
          SELECT o.id AS id, r.executed_ns AS executed, r.status AS status FROM order_results r
          JOIN orders o ON o.id = r.order_id
          WHERE o.side = 'buy' AND o.account <> ? AND r.status IN ('accepted', 'partially_filled', 'filled')
          """, arguments: [RiskEngine.canaryName]
      ).compactMap { row in
        let executed: Int64 = row["executed"]
        let state = changes.last { $0.time <= executed }?.state ?? "closed"
        return state == "open" ? nil : "order \(row["id"] as Int64) \(row["status"] as String) while \(state)"
      }
    }
  }
}
