import DurableQueue
import Foundation
import HTTPServerFixture
import ProgramFixture

@testable import RemoteWrite

/// Targets whose counters number every scrape, a receiver and an empty folder, for as long as `body` takes.
///
/// - Parameters:
///   - target: what a target answers to the scrape with this number, from 1.
///   - receiver: what is answered to the request with this number, from 0.
func withTargets<Result>(
  _ count: Int, target answer: CountingTarget.Script? = nil,
  receiver script: @escaping Receiver.Script = { _, _ in nil },
  isolation: isolated (any Actor)? = #isolation,
  _ body: ([CountingTarget], Receiver, String) async throws -> Result
) async throws -> Result {
  let targets = try (0..<count).map { _ in try CountingTarget(answer) }
  let receiver = try Receiver(script: script)
  defer {
    for target in targets { target.stop() }
    receiver.stop()
  }
  return try await withTemporaryDirectory { try await body(targets, receiver, $0) }
}

/// The same with one target.
func withTarget<Result>(
  target answer: CountingTarget.Script? = nil, receiver script: @escaping Receiver.Script = { _, _ in nil },
  isolation: isolated (any Actor)? = #isolation,
  _ body: (CountingTarget, Receiver, String) async throws -> Result
) async throws -> Result {
  try await withTargets(1, target: answer, receiver: script) { try await body($0[0], $1, $2) }
}

func bridgeYAML(
  _ targets: [String], _ endpoints: [String], interval: String = "100ms",
  queue: String = "min_backoff: 20ms, max_backoff: 200ms",
  global: String = "", job: String = ""
) -> String {
  let writes = endpoints.enumerated().map { index, url in
    "  - {name: e\(index), url: \"\(url)\", queue_config: {batch_send_deadline: 50ms, \(queue)}}\n"
  }.joined()
  return """
    global: {scrape_interval: \(interval), scrape_timeout: \(interval)\(global)}
    scrape_configs:
      - job_name: j
        static_configs: [{targets: [\(targets.map { "\"\($0)\"" }.joined(separator: ", "))]}]
    \(job)
    remote_write:
    \(writes)
    """
}

/// The letters of a folder, oldest first.
func readDeadLetters(_ folder: String) throws -> [(letter: DeadLetter, body: [UInt8])] {
  let reader = try DurableQueue.openForReading(directory: folder).makeReader()
  var letters: [(letter: DeadLetter, body: [UInt8])] = []
  while try reader.next(
    maximumRecords: 100, maximumBytes: 1 << 20,
    { _, payload in
      if let letter = DeadLetter.read(payload) { letters.append(letter) }
    }) > 0
  {}
  return letters
}
