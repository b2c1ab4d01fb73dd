import Foundation
import HTTPServerFixture
import ProgramFixture
import Synchronization
import Testing

@testable import LogShipping

/// A program that writes numbered lines, and rotates its file in every way.
actor Writer {
  private let log: String
  /// What stands in each line beside its number.
  private let fields: String
  /// How many times longer it waits between lines.
  private let pause: Int
  private var random: SeededGenerator
  private var written = 0
  private var rotations = 0

  init(log: String, fields: String = "", pause: Int = 1, seed: UInt64) {
    self.pause = pause
    self.log = log
    self.fields = fields
    random = SeededGenerator(seed: seed)
  }

  var count: Int { written }

  /// Writes some lines, of which the last may come in two pieces.
  func write() throws {
    let first = written + 1
    written += Int.random(in: 1...25, using: &random)
    let bytes = Array(LogFile.lines(first...written, fields: fields).utf8)
    let cut = Bool.random(using: &random) ? Int.random(in: 0..<bytes.count, using: &random) : 0
    try LogFile.append(Array(bytes[..<cut]), to: log)
    try LogFile.append(Array(bytes[cut...]), to: log)
  }

  /// - Returns: how it was done.
  func rotate() throws {
    rotations += 1
    switch rotations % 3 {
    case 0: try LogFile.copyTruncate(log, to: "\(log).copy\(rotations)")
    default: try LogFile.rename(log, "\(log).\(rotations)")
    }
  }

  func work(until end: ContinuousClock.Instant) async throws {
    while ContinuousClock.now < end {
      for _ in 0..<Int.random(in: 5...40, using: &random) {
        try write()
        try await Task.sleep(for: .milliseconds(pause * Int.random(in: 1...12, using: &random)))
      }
      try rotate()
      // Two at once, now and then.
      if Int.random(in: 0..<4, using: &random) == 0 {
        try write()
        try rotate()
      }
      try write()
    }
  }
}

@Suite("Killed at any instant", .serialized)
struct KillTests {
  /// A server that is out of sorts, by a seed.
  private static func server(seed: UInt64, isCalm: @escaping @Sendable () -> Bool) throws -> BulkServer {
    let random = Mutex(SeededGenerator(seed: seed))
    let draw: @Sendable (Int) -> Int = { limit in random.withLock { Int.random(in: 0..<limit, using: &$0) } }
    return try BulkServer(
      interrupt: { _, request in
        guard !isCalm() else { return nil }
        // A server takes any single line here: one that it has taken already must not be too large the next time.
        let hasSeveral = request.body.lazy.filter { $0 == UInt8(ascii: "\n") }.prefix(3).count > 2
        switch draw(24) {
        case 0: return BulkServer.Interruption(answer: .status(503, "busy"))
        case 1: return BulkServer.Interruption(answer: .status(429, "", ["Retry-After": "1"]))
        case 2: return BulkServer.Interruption(answer: HTTPServer.Answer(isReset: true))
        case 3: return BulkServer.Interruption(answer: HTTPServer.Answer(isReset: true), isDone: true)
        case 4: return BulkServer.Interruption(answer: .json("{\"errors\":false,\"items\":[]}"), isDone: true)
        case 5 where hasSeveral: return BulkServer.Interruption(answer: .status(413))
        case 6, 7:
          usleep(UInt32(1_000 * draw(150)))
          return nil
        default: return nil
        }
      },
      refuse: { _, id, document in
        // Some documents are refused whoever asks how often.
        if (UInt64(id.suffix(4), radix: 16) ?? 0) % 500 == 0 {
          return BulkServer.Refusal(status: 400, type: "mapper_parsing_exception", reason: "never")
        }
        return !isCalm() && draw(10) == 0 ? BulkServer.Refusal(status: 429, type: "t", reason: "later") : nil
      })
  }

  /// Another one is another campaign.
  private static let seed =
    ProcessInfo.processInfo.environment["CAMPAIGN_SEED"].flatMap(UInt64.init) ?? 11

  @Test(
    "no line is missing, none is there twice and none is told of as lost, whatever files, server and kills do",
    .timeLimit(.minutes(30)))
  func campaign() async throws {
    let isCalm = Atomic(false)
    let server = try Self.server(seed: Self.seed) { isCalm.load(ordering: .relaxed) }
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      let log = folder + "/logs/app.log"
      let arguments = [folder + "/data", folder + "/logs/app.log*", server.url, "logs-test"]
      var random = SeededGenerator(seed: Self.seed + 1)
      let writer = Writer(log: log, seed: Self.seed + 2)
      let end = ContinuousClock.now + .seconds(Surroundings.campaignSeconds)
      async let writing: Void = writer.work(until: end)
      var kills = 0
      // What the shippers said of losses.
      var said: [String] = []
      // On a slow machine it goes on until it has shown something.
      while ContinuousClock.now < end || kills <= 10 {
        let child = try Program(Program.sibling("ShipperCrashChild"), arguments, in: folder)
        try await Task.sleep(for: .milliseconds(Int.random(in: 100...2_500, using: &random)))
        child.signal(SIGKILL)
        kills += 1
        #expect(try await child.exit() == -SIGKILL, "\(child.errors)")
        if child.errors.contains("bytes were gone") { said.append(child.errors) }
        // The program writes and rotates on meanwhile.
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...400, using: &random)))
      }
      try await writing
      isCalm.store(true, ordering: .relaxed)
      let written = await writer.count
      let last = try Program(Program.sibling("ShipperCrashChild"), arguments, in: folder)
      let options = options(folder, [server.url])
      let ledger = try await eventually("it has caught up") {
        let inspection = try ShipperInspection(directory: options.directory)
        return inspection.ledger.lines >= UInt64(written) ? inspection.ledger : nil
      }
      last.signal(SIGTERM)
      #expect(try await last.exit() == 0, "\(last.errors)")

      let inspection = try ShipperInspection(directory: options.directory)
      let letters = try DeadLetterFile.read(options.directory + "/dead-letters.jsonl", length: .max)
      let numbers = server.numbers
      let dead = letters.compactMap { letter in
        (try? JSONSerialization.jsonObject(with: Data(letter.document.utf8)) as? [String: Any])?["n"] as? Int
      }
      let all = (numbers + dead).sorted()
      let missing = Set(1...written).subtracting(all)
      let doubled = Dictionary(all.map { ($0, 1) }, uniquingKeysWith: +).filter { $0.value > 1 }
      print(
        "killed \(kills) times: \(written) lines in \(inspection.files.count) files, \(numbers.count) delivered,",
        "\(dead.count) dead letters, \(missing.count) missing, \(doubled.count) doubled,",
        "\(inspection.lost.bytes) bytes told of as lost; the server got",
        "\(server.state.repeated) again in \(server.state.requests.count) requests")
      #expect(missing.isEmpty, "\(missing.sorted().prefix(20))")
      #expect(doubled.isEmpty, "\(doubled.keys.sorted().prefix(20))")
      #expect(server.state.faults == [])
      #expect(inspection.lost == LostText(), "\(said.joined())")
      #expect(ledger.deadLettered == UInt64(letters.count) && ledger.lines == UInt64(written))
      let reports = try await LogAudit.run(options: options)
      #expect(reports.count == inspection.files.count && reports.allSatisfy(\.isWhole))
      #expect(reports.reduce(0) { $0 + $1.found } == UInt64(numbers.count))
      #expect(kills > 10 && written > 2_000 && !dead.isEmpty && inspection.files.count > 5)
    }
  }
}
