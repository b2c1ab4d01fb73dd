import CDBDomain
import Foundation
import RedisServerFixture
import RedisTransport
import Synchronization
import Testing

@testable import CDBPipeline

/// What the tests of edges share: short times, clients with a seed, and a consumer that keeps what it accepts.
enum EdgeBench {
  static var options: EdgeOptions {
    var options = EdgeOptions()
    options.prefix = "test"
    options.pause = .milliseconds(5)
    options.blockTime = .milliseconds(50)
    return options
  }

  static func client(_ server: RedisServer, seed: UInt64 = 1, timeout: Duration = .seconds(5)) -> RedisClient
  {
    let random = Mutex(SeededGenerator(seed: seed))
    var options = RedisOptions()
    options.commandTimeout = timeout
    options.backOff = BackOff(first: .milliseconds(5), longest: .milliseconds(50))
    return RedisClient(server.address, options: options, clock: ContinuousClock()) {
      random.withLock { $0.next() }
    }
  }

  static func writer(
    _ server: RedisServer, stream: StreamName = .marketData, starts: [EdgeStart] = [EdgeStart(partition: 0)],
    options: EdgeOptions = options, nonce: String = "a", timeout: Duration = .seconds(5)
  ) -> RedisEdgeWriter {
    RedisEdgeWriter(
      client: client(server, timeout: timeout), stream: stream, starts: starts, options: options,
      clock: ContinuousClock(), nonce: nonce)
  }

  static func reader(
    _ server: RedisServer, stream: StreamName = .marketData, starts: [EdgeStart] = [EdgeStart(partition: 0)],
    options: EdgeOptions = options, timeout: Duration = .seconds(5)
  ) -> RedisEdgeReader {
    RedisEdgeReader(
      client: client(server, seed: 2, timeout: timeout), covering: client(server, seed: 3, timeout: timeout),
      stream: stream, starts: starts, options: options,
      clock: ContinuousClock())
  }
}

/// The judge: accepts as a stage does, and keeps every event.
struct Consumer {
  var acceptance = GaplessAcceptance()
  private(set) var events: [Envelope] = []
  private(set) var redelivered = 0
  private(set) var markers: [Marker] = []

  mutating func take(_ group: [Batch]) throws {
    for batch in group {
      let skipping = try acceptance.accept(batch)
      redelivered += skipping
      events += batch.envelopes[skipping...]
      if let marker = batch.marker { markers.append(marker) }
    }
  }
}

/// Cuts bytes off the end of the file that the server appends to, as a power loss may: the server must be dead.
func tearAppendOnlyFile(of server: RedisServer, bytes: Int) throws {
  let folder = server.directory.appending(path: "appendonlydir")
  let name = try #require(
    try FileManager.default.contentsOfDirectory(atPath: folder.path).first { $0.hasSuffix(".incr.aof") })
  let file = try FileHandle(forUpdating: folder.appending(path: name))
  let length = try file.seekToEnd()
  try file.truncate(atOffset: length - min(length, UInt64(bytes)))
  try file.close()
}
