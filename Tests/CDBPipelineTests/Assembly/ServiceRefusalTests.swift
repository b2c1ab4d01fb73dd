import CDBDomain
import Foundation
import RedisServerFixture
import RedisTransport
import Testing

@testable import CDBPipeline

/// What an operator has set wrong is named by its key, and by what is really the matter.
@Suite(
  "Why a service ends", .serialized, .enabled(if: RedisServer.isExpected, "\(RedisServer.missing)"),
  .timeLimit(.minutes(10)))
struct ServiceRefusalTests {
  private func service(
    _ stage: StageName, in directory: String, over server: RedisServer, redis: RedisOptions = RedisOptions(),
    store: StoreLocation? = nil
  ) async throws -> StageService<BookMatching> {
    var options = PipelineOptions(
      dataDirectory: directory, configuration: try Fixture.configuration(), logger: Fixture.quiet)
    options.store = store
    return try await StageService(
      stage, options: options,
      bus: BusOptions(address: server.address, redis: redis, edge: EdgeBench.options),
      matching: BookMatching(), instance: "test")
  }

  /// What a stage ends with.
  private func ending(
    _ service: StageService<BookMatching>, _ source: (any FrameSource)? = nil
  ) async throws -> ServiceError {
    try await #require(throws: ServiceError.self) { try await service.run(source) }
  }

  /// Fifty events, all of which a consumer has read and covered.
  private func use(_ stream: StreamName, of server: RedisServer) async throws {
    try await server.ask("SET", "test:journal", "5")
    let writer = EdgeBench.writer(server, stream: stream)
    try await writer.open()
    for number in UInt64(1)...50 {
      try await writer.send([ticks([Int64(number)], first: number, stream: stream)])
    }
    try await writer.flush()
    let reader = EdgeBench.reader(server, stream: stream)
    var consumer = Consumer()
    while consumer.events.count < 50 { try consumer.take(try await reader.next()) }
    try await reader.cover([0: 50])
    await writer.close()
  }

  @Test(
    "a stage without its snapshots beside a used bus says that, names the directory, and blames nobody for a trim"
  )
  func withoutSnapshots() async throws {
    try await withTemporaryDirectory { directory in
      try await RedisServer.run { server in
        try await use(.orders, of: server)
        let service = try await service(.execution, in: directory, over: server)
        let error = try await ending(service)
        guard
          case .keptElsewhere(.execution, .directory(let path), isEmpty: true, prefix: "test", let loss) =
            error
        else {
          Issue.record("\(error)")
          return
        }
        #expect(path.hasPrefix("/") && path.hasSuffix(directory.split(separator: "/").last ?? "?"))
        #expect(loss == EdgeLoss(stream: .orders, partition: 0, cause: .consumed, missing: 1...50))
        for words in [
          "\(path) has no snapshot of execution", "(data_dir)", "test:*", "edge orders, partition 0",
        ] {
          #expect(error.description.contains(words), "\(error)")
        }
        #expect(!error.description.contains("trim") && !error.description.contains("\n"), "\(error)")
        // The page and the answers say the same.
        #expect(service.board.status().stage(.execution)?.failure == error.description)
      }
    }
  }

  @Test(
    "snapshots that end too early are named as such; where one has all of it, the next start is to look anew")
  func olderSnapshots() async throws {
    let loss = EdgeLoss(stream: .orders, partition: 0, cause: .consumed, missing: 41...50)
    try await withTemporaryDirectory { directory in
      try await RedisServer.run { server in
        let service = try await service(.execution, in: directory, over: server)
        func save(_ barrier: UInt64, accepted: UInt64) throws {
          try service.snapshots.save(
            StageCheckpoint(
              cut: StageCut(
                stage: .execution, barrier: barrier, ledger: NodeLedger(), inFlight: 0,
                accepted: [.orders: [accepted]], emitted: [:]),
              snapshot: Data("{}".utf8)),
            CheckpointManifest(
              barrier: barrier, journalSequence: 1, framesAccepted: 0, configurationFingerprint: "f",
              journalIdentity: 5))
        }
        try save(1, accepted: 40)
        let error = try #require(service.explained(loss) as? ServiceError)
        #expect(error.description.hasPrefix("the snapshots of execution in /"), "\(error)")
        #expect(error.description.contains("end before what the bus has let go of"), "\(error)")
        try save(2, accepted: 50)
        #expect(service.explained(loss) as? EdgeLoss == loss)
        var other = loss
        other.cause = .trimmed
        #expect(service.explained(other) as? EdgeLoss == other)
      }
    }
  }

  @Test("db_writer over an empty store beside a used bus says that its store is another")
  func emptyStore() async throws {
    try await withTemporaryDirectory { directory in
      try await RedisServer.run { server in
        try await use(.orderResults, of: server)
        let path = directory + "/other.sqlite"
        let error = try await ending(
          try await service(.dbWriter, in: directory, over: server, store: .sqlite(path: path)))
        guard case .keptElsewhere(.dbWriter, .store(path), isEmpty: _, prefix: "test", _) = error else {
          Issue.record("\(error)")
          return
        }
        #expect(
          error.description.contains("the store \(path) ends before")
            && error.description.contains("store.url"))
        #expect(!error.description.contains("data_dir"), "\(error)")
      }
    }
  }

  @Test(
    "a store of another journal is the store's matter, and a data directory of another is the directory's")
  func otherJournal() async throws {
    try await withTemporaryDirectory { directory in
      _ = try await run(MemorySource(try MemorySource.market(frames: 2_000)), in: directory)
      let path = directory + "/" + StoreLocation.fileName
      try await RedisServer.run { server in
        try await server.ask("SET", "test:journal", "5")
        let writer = try await ending(
          try await service(.dbWriter, in: directory, over: server, store: .sqlite(path: path)))
        guard case .otherJournal(prefix: "test", streams: 5, own: 1..., keeper: .store(path)) = writer else {
          Issue.record("\(writer)")
          return
        }
        #expect(writer.description.contains("the rows of the store \(path) from"), "\(writer)")
        #expect(
          writer.description.contains("store.url") && !writer.description.contains("bus.prefix"), "\(writer)")

        let source = MemorySource(try MemorySource.market(frames: 10))
        let ws = try await ending(try await service(.ws, in: directory, over: server), source)
        guard case .otherJournal(prefix: "test", streams: 5, own: 1..., keeper: .directory) = ws else {
          Issue.record("\(ws)")
          return
        }
        #expect(ws.description.contains("what is kept in /") && ws.description.contains("data_dir"), "\(ws)")

        let new = try await ending(try await service(.ws, in: directory + "/new", over: server), source)
        #expect(new.description.contains("/new has no journal yet: name the data directory"), "\(new)")
      }
    }
  }

  @Test(
    "a password that is missing or wrong, and a right that is: each by its key, and not to be tried again")
  func refused() async throws {
    var probe = RedisOptions()
    probe.credential = RedisCredential(password: "s3cret")
    try await withTemporaryDirectory { directory in
      try await RedisServer.run(["--requirepass", "s3cret"], probe: probe) { server in
        try await server.ask("ACL", "SETUSER", "reader", "on", ">s3cret", "+@read", "+ping", "+client", "~*")
        var wrong = RedisOptions()
        wrong.credential = RedisCredential(password: "wr0ng")
        var reader = RedisOptions()
        reader.credential = RedisCredential(user: "reader", password: "s3cret")
        for (options, kind, words) in [
          (RedisOptions(), RedisError.Kind.notAuthenticated, "bus.password_file"),
          (wrong, .wrongCredential, "bus.password or bus.user"), (reader, .notPermitted, "bus.user"),
        ] {
          let error = try await ending(
            try await service(.core, in: directory, over: server, redis: options))
          guard case .notAdmitted(let refusal) = error else {
            Issue.record("\(error)")
            continue
          }
          #expect(refusal.kind == kind && error.description.contains(words), "\(error)")
          #expect(error.description.contains("127.0.0.1:\(server.port) refuses this service ("))
          #expect(!error.description.contains("s3cret") && !error.description.contains("wr0ng"), "\(error)")
        }
      }
    }
  }

  @Test("a server that loads or does not answer yet refuses nothing: it is waited for")
  func notYet() {
    for kind in [
      RedisError.Kind.loading, .cannotConnect, .timedOut, .connectionLost, .masterDown, .clusterDown,
    ] {
      let error = RedisError(kind, address: "a:1")
      #expect(error.isTransient && !error.isRefusalOfService, "\(kind)")
    }
  }
}
