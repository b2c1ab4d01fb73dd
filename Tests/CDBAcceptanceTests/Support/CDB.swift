import Foundation
import Glibc
import Testing

/// The binary under test.
enum CDB {
  /// A command that has ended.
  struct Finished: Sendable {
    var exit: ChildProcess.Exit
    var output: String
    var errors: String
    var took: Duration

    /// Standard error without log lines: what a person is told.
    var told: [String] { errors.split(separator: "\n").filter { !$0.hasPrefix("{") }.map(String.init) }

    func json<T: Decodable>(as type: T.Type) throws -> T {
      try JSONDecoder().decode(type, from: Data(output.utf8))
    }
  }

  /// Runs a command to its end.
  static func run(
    _ arguments: [String], in folder: String, environment: [String: String] = [:],
    input: String = "/dev/null",
    within limit: Duration = .patience
  ) async throws -> Finished {
    let clock = ContinuousClock()
    let start = clock.now
    let child = try ChildProcess(
      Surroundings.binary, arguments, in: folder, environment: environment, input: input)
    do {
      let exit = try await child.exit(within: limit)
      return Finished(exit: exit, output: child.output, errors: child.errors, took: clock.now - start)
    } catch {
      await child.end()
      throw error
    }
  }

  /// Runs a command while `body` looks at it; it is killed afterwards where it still runs.
  static func during<T>(
    _ arguments: [String], in folder: String, environment: [String: String] = [:],
    isolation: isolated (any Actor)? = #isolation, _ body: (ChildProcess) async throws -> T
  ) async throws -> T {
    let child = try ChildProcess(Surroundings.binary, arguments, in: folder, environment: environment)
    do {
      let result = try await body(child)
      await child.end()
      return result
    } catch {
      await child.end()
      throw error
    }
  }

  /// Replays paths and reads the report.
  static func replay(
    _ paths: [String], _ options: [String] = [], in folder: String, within limit: Duration = .patience
  ) async throws -> ReplayReport {
    let finished = try await run(["replay"] + paths + ["--json"] + options, in: folder, within: limit)
    try #require(
      finished.exit == .code(0), "replay ended with \(finished.exit): \(finished.errors.suffix(600))")
    return try finished.json(as: ReplayReport.self)
  }

  static func storeDigest(_ directory: String, in folder: String) async throws -> String {
    struct Summary: Decodable { var digest: String }
    let finished = try await run(["store", "digest", "--data-dir", directory, "--json"], in: folder)
    try #require(finished.exit == .code(0), "store digest: \(finished.errors.suffix(600))")
    return try finished.json(as: Summary.self).digest
  }

  /// The sum of a counter's or gauge's samples whose line contains all of `labels`; nil where there is none.
  static func metric(_ name: String, _ labels: [String] = [], on port: UInt16) async throws -> Double? {
    let answer = try await HTTP.get(port, "/metrics")
    let values = answer.body.split(separator: "\n").filter { line in
      line.prefix { $0 != "{" && $0 != " " } == name && labels.allSatisfy { line.contains($0) }
    }.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
    return values.isEmpty ? nil : values.reduce(0, +)
  }

  /// Waits until the service answers `/healthz`, whatever it says.
  static func answers(_ port: UInt16, _ child: ChildProcess, within limit: Duration = .patience)
    async throws
  {
    _ = try await eventually("port \(port) answers; \(child.errors.suffix(600))", within: limit) {
      if let exit = child.exit {
        throw DeadlinePassed(what: "a service, it ended: \(exit) \(child.errors.suffix(600))", limit: limit)
      }
      return try? await HTTP.get(port, "/healthz")
    }
  }
}

/// What a replay reports, as far as tests look at it.
struct ReplayReport: Decodable {
  struct Stage: Decodable {
    var stage: String
    var received: UInt64
    var redeliveries: UInt64
  }

  struct Journal: Decodable {
    struct TornTail: Decodable {
      var file: String
      var offset: Int
      var bytes: Int
      var sequence: UInt64
    }
    var first_sequence: UInt64?
    var last_sequence: UInt64?
    var damage: String?
    var torn_tail: TornTail?
  }

  var journal: Journal?
  var frames: UInt64
  var framesActed: UInt64
  var framesAbsorbed: [String: UInt64]
  var framesDropped: [String: UInt64]
  var events: [String: UInt64]
  var signals: [String: Int]
  var refusals: [String: Int]
  var orders: Int
  var results: [String: Int]
  var fills: Int
  var fees: String
  var equity: String
  var balanced: Bool
  var imbalances: [String]
  var barrier: UInt64
  var clockSkewSeconds: Double
  var notices: [String]
  var framesPerSecond: Double
  var stages: [Stage]
  var digest: String

  enum CodingKeys: String, CodingKey {
    case journal, frames, events, signals, refusals, orders, results, fills, fees, equity, balanced,
      imbalances,
      barrier
    case notices, stages, digest
    case framesActed = "frames_acted"
    case framesAbsorbed = "frames_absorbed"
    case framesDropped = "frames_dropped"
    case clockSkewSeconds = "clock_skew_seconds"
    case framesPerSecond = "frames_per_second"
  }
}

/// What `cdb why --json` says, as far as tests look at it.
struct Answer: Decodable {
  var trading: Bool
  var verdict: String
  var summary: String
  var layer: String?
  var reason: String?
}
