import Foundation
import LoopbackPorts

/// `cdb run` on the simulated market, or on what `feed` says, with everything in a folder of its own.
struct LiveRun: Sendable {
  var folder: String
  var port: UInt16
  var feed = "sim"
  var dataDirectory: String
  var options: [String] = []

  init(in folder: String, dataDirectory: String? = nil, feed: String = "sim", _ options: [String] = []) throws
  {
    self.folder = folder
    self.feed = feed
    self.options = options
    self.dataDirectory = dataDirectory ?? folder + "/data"
    port = try FreePort.next()
  }

  var arguments: [String] {
    ["run", "--feed", feed, "--listen", "127.0.0.1:\(port)", "--data-dir", dataDirectory] + options
  }

  /// Runs while `body` looks at it, once it answers.
  func during<T>(
    isolation: isolated (any Actor)? = #isolation, _ body: (ChildProcess) async throws -> T
  ) async throws -> T {
    try await CDB.during(arguments, in: folder) { child in
      try await CDB.answers(port, child)
      return try await body(child)
    }
  }

  func why(_ options: [String] = ["--json"]) async throws -> CDB.Finished {
    try await CDB.run(["why", "--listen", "127.0.0.1:\(port)"] + options, in: folder)
  }

  /// Waits until this process has filled an order.
  func firstFill(within limit: Duration = .patience) async throws {
    _ = try await eventually("a fill", within: limit, every: .milliseconds(100)) {
      try await CDB.metric("cdb_fills_total", on: port).flatMap { $0 > 0 ? $0 : nil }
    }
  }

  /// Waits until `/healthz` answers with this status, and returns its body.
  func health(_ status: Int, within limit: Duration = .patience) async throws -> String {
    var last = ""
    return try await eventually(
      "/healthz says \(status); it says \(last)", within: limit, every: .milliseconds(50)
    ) {
      let answer = try await HTTP.get(port, "/healthz")
      last = answer.body
      return answer.status == status ? answer.body : nil
    }
  }

  /// The number of the first record of the journal's newest segment.
  func newestSegment() throws -> UInt64 {
    let names = try FileManager.default.contentsOfDirectory(atPath: dataDirectory + "/journal")
    return names.filter { $0.hasSuffix(".seg") }.compactMap { UInt64($0.prefix { $0.isNumber }) }.max() ?? 0
  }

  /// The lines of the log file, parsed.
  func logLines() -> [[String: String]] {
    let data = FileManager.default.contents(atPath: dataDirectory + "/logs/cdb.jsonl") ?? Data()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { line in
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object?.mapValues { "\($0)" }
    }
  }
}
