import CDBDomain
import CDBPipeline
import Foundation
import RedisServerFixture
import RedisTransport

// Events a second through a producer's and a consumer's end of an edge over a real server, beside what redis-benchmark
// reaches with XADD on the same server in the same run: one client, 100 commands at once. One run each, in turns.

guard RedisServer.executable != nil else {
  print("bench: \(RedisServer.missing)")
  exit(0)
}
let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 3
let events = 400_000

print(
  "\n| events a batch | events/s through the edge | XADD/s of redis-benchmark | ratio |\n|---|---|---|---|")
for size in [1, 10, 100, 1_000] {
  var edges: [Double] = []
  var bare: [Double] = []
  for _ in 0..<rounds {
    try await RedisServer.run { server in
      bare.append(try xaddRate(server))
      try await server.ask("FLUSHALL")
      edges.append(try await edgeRate(server, batchOf: size, events: size == 1 ? events / 10 : events))
    }
  }
  let edge = edges.sorted()[rounds / 2]
  let xadd = bare.sorted()[rounds / 2]
  print("| \(size) | \(Int(edge)) | \(Int(xadd)) | \(String(format: "%.2f", edge / xadd)) |")
}

/// What redis-benchmark says of XADD, commands a second.
func xaddRate(_ server: RedisServer) throws -> Double {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/redis-benchmark")
  process.arguments = [
    "-h", "127.0.0.1", "-p", "\(server.port)", "-c", "1", "-P", "100", "-n", "300000", "--csv", "xadd",
    "bench", "*",
    "b", "0123456789012345678901234567890123456789",
  ]
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
  process.waitUntilExit()
  let line = output.split(separator: "\n").last { !$0.contains("\"test\"") } ?? ""
  let fields = line.split(separator: "\",\"").map { $0.filter { $0.isNumber || $0 == "." } }
  guard fields.count > 1, let rate = Double(fields[fields.count - 7]) else {
    throw RedisServer.Failure(description: "redis-benchmark said: \(output)")
  }
  return rate
}

/// Quotes through a writer and a reader, events a second.
func edgeRate(_ server: RedisServer, batchOf size: Int, events: Int) async throws -> Double {
  func client(_ seed: UInt64) -> RedisClient {
    RedisClient(server.address, clock: ContinuousClock()) { seed }
  }
  let starts = [EdgeStart(partition: 0)]
  let writer = RedisEdgeWriter(
    client: client(1), stream: .marketData, starts: starts, clock: ContinuousClock(), nonce: "bench")
  let reader = RedisEdgeReader(
    client: client(2), covering: client(3), stream: .marketData, starts: starts, clock: ContinuousClock())
  try await writer.open()
  let batches = (0..<events / size).map { batch in
    let first = batch * size
    let envelopes = (first..<first + size).map { number in
      Envelope(
        time: EventTime(nanoseconds: 1_700_000_000_000_000_000 + Int64(number) * 1_000),
        origin: UInt64(number),
        event: .quote(
          Quote(
            instrument: InstrumentID(0), updateID: Int64(number), bid: Price(mantissa: 50_000_00),
            bidQuantity: Quantity(mantissa: 100_000), ask: Price(mantissa: 50_001_00),
            askQuantity: Quantity(mantissa: 120_000))))
    }
    return Batch(
      stream: .marketData, partition: 0, firstSequence: UInt64(first) + 1, envelopes: envelopes,
      watermark: envelopes[size - 1].time, marker: nil, ingestedAt: 1, feedDelay: 0)
  }
  let output = Mailbox<[Batch]>(capacity: 4_096)
  let input = Mailbox<[Batch]>(capacity: 4_096)
  let start = ContinuousClock.now
  let writing = Task { try await writer.run(from: output) }
  let reading = Task { try await reader.run(into: input) }
  let producing = Task {
    for batch in batches { try await output.send([batch], weight: size) }
    output.close()
  }
  var acceptance = GaplessAcceptance()
  var covered: UInt64 = 0
  while acceptance.position(of: 0) < UInt64(events / size * size), let group = await input.receive() {
    for batch in group { _ = try acceptance.accept(batch) }
    let position = acceptance.position(of: 0)
    if position - covered > UInt64(2_000 * size) {
      try await reader.cover([0: position])
      covered = position
    }
  }
  let seconds = (ContinuousClock.now - start) / .seconds(1)
  try await producing.value
  try await writing.value
  reading.cancel()
  _ = await reading.result
  return Double(events / size * size) / seconds
}
