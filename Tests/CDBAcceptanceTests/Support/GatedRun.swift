import Foundation
import LoopbackPorts
import Testing

/// What the gate of a run says, as far as tests look at it.
struct GateAnswer: Decodable {
  struct Check: Decodable {
    struct Evidence: Decodable {
      var name: String
      var value: String
    }
    var check: String
    var outcome: String
    var reason: String
    var age_seconds: Double?
    var evidence: [Evidence]
  }
  var state: String
  var reason: String
  var checks: [Check]
  var awaits_person: String?
  var held: Bool
}

extension LiveRun {
  /// The simulated exchange of `exchange` as the feed: a market in another process, that a test can break.
  init(in folder: String, exchange: ExchangeProcess, _ options: [String] = []) throws {
    try self.init(
      in: folder, feed: "binance",
      [
        "--profile", "demo", "--set", "feed.binance.websocket_url=ws://127.0.0.1:\(exchange.port)", "--set",
        "feed.binance.rest_url=http://127.0.0.1:\(exchange.port)",
      ] + options)
  }

  func gate() async throws -> GateAnswer {
    try await HTTP.get(port, "/api/v1/gate.status").json(as: GateAnswer.self)
  }

  /// Waits until the gate is in that state.
  @discardableResult
  func gate(is state: String, within limit: Duration = .patience) async throws -> GateAnswer {
    var last: GateAnswer?
    return try await eventually(
      "the gate is \(state); it says \(last.map { "\($0)" } ?? "nothing")", within: limit,
      every: .milliseconds(100)
    ) {
      last = try await gate()
      return last?.state == state ? last : nil
    }
  }

  /// The answer of `cdb why`, as the command gives it.
  func answer() async throws -> Answer { try await why().json(as: Answer.self) }

  /// Waits until `why` names that layer and one of those reasons; within 10 s, that is promised.
  @discardableResult
  func names(_ layer: String, _ reasons: Set<String>, promised limit: Duration = .seconds(10)) async throws
    -> Answer
  {
    var last: Answer?
    return try await eventually(
      "why names \(layer) \(reasons.sorted()); it says \(last.map { "\($0)" } ?? "nothing")", promised: limit,
      every: .milliseconds(100)
    ) {
      let answer = try await HTTP.get(port, "/api/v1/why", timeout: .seconds(3)).json(as: Answer.self)
      last = answer
      return answer.layer == layer && reasons.contains(answer.reason ?? "") ? answer : nil
    }
  }

  /// A command that needs the run's token.
  func command(_ arguments: [String]) async throws -> CDB.Finished {
    try await CDB.run(
      arguments + ["--listen", "127.0.0.1:\(port)", "--data-dir", dataDirectory], in: folder)
  }

  /// Fills that added exposure while the gate was not open, by the store's own rows.
  func fillsOutsideTheGate() async throws -> [String] {
    let script = """
      import json, sqlite3, sys
      store = sqlite3.connect(sys.argv[1])
      changes = []
      for time, kind, body in store.execute('SELECT time_ns, kind, body FROM controls ORDER BY origin'):
          if kind == 'gate': changes.append((time, json.loads(body)['gate']['_0']['state']))
          if kind == 'stop': changes.append((time, 'stopped'))
          if kind == 'resume': changes.append((time, 'closed'))
      for executed, number, order in store.execute('''SELECT r.executed_ns, f.number, o.id FROM fills f
          JOIN orders o ON o.id = f.order_id JOIN order_results r ON r.id = f.result_id
          WHERE o.side = 'buy' AND o.account <> 'canary' '''):
          state = 'closed'
          for time, next in changes:
              if time <= executed: state = next
          if state != 'open': print(order, number, state)
      """
    return try await PythonCheck.run(script, [dataDirectory + "/store.sqlite"], in: folder)
      .split(separator: "\n").map(String.init)
  }
}

/// `cdb exchange`: a simulated exchange in a process of its own.
struct ExchangeProcess: Sendable {
  var port: UInt16
  var child: ChildProcess

  /// Makes it misbehave from now on.
  func fault(_ faults: String) async throws {
    let answer = try await HTTP.post(port, "/faults", faults)
    #expect(answer.status == 200, "\(answer.body)")
  }
}

/// Runs a simulated exchange for `body`.
func withExchange<T>(
  in folder: String, isolation: isolated (any Actor)? = #isolation,
  _ body: (ExchangeProcess) async throws -> T
) async throws -> T {
  let port = try FreePort.next()
  return try await CDB.during(
    [
      "exchange", "--listen", "127.0.0.1:\(port)", "--profile", "demo", "--set",
      "log.directory=\(folder)/exchange",
    ],
    in: folder
  ) { child in
    _ = try await eventually("the exchange answers; \(child.errors.suffix(400))") {
      try? await HTTP.get(port, "/api/v3/time")
    }
    return try await body(ExchangeProcess(port: port, child: child))
  }
}
