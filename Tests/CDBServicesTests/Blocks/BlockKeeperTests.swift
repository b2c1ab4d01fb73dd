import CDBDomain
import CDBGate
import CDBPipeline
import Foundation
import OpenMetrics
import ServiceRuntime
import Testing

@testable import CDBServices

@Suite("The keeper of blocks")
struct BlockKeeperTests {
  private static let hour = BlockBench.hour
  private static let minute = BlockBench.hour / 60

  private func withBench(_ body: (BlockBench) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "cdb-blocks-\(UUID().uuidString)")
      .path()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let bench = try BlockBench(in: path)
    defer { try? bench.store.close() }
    try await bench.commit()
    try await body(bench)
  }

  /// Minutes of market, a trade every quarter of an hour; the keeper looks once a minute.
  private func trade(_ bench: BlockBench, _ keeper: BlockKeeper, minutes: Int, seed: Int64 = 1) async throws {
    for minute in 1...minutes {
      let price = 60_000_00 + (Int64(minute) * 7_919 * seed) % 40_000
      if minute.isMultiple(of: 15) {
        try bench.signal(minute.isMultiple(of: 30) ? .sell : .buy, price: price)
      }
      if minute.isMultiple(of: 45) { try bench.signal(.buy, refused: .abnormalSpread) }
      try await bench.pass(Self.minute)
      bench.close(price)
      await keeper.beat()
    }
    try await bench.commit()
    await keeper.beat()
  }

  @Test("72 hours with a stop, a silent feed and a restart, in seconds: the report has all of it")
  func wholeBlock() async throws {
    try await withBench { bench in
      var keeper = bench.keeper()
      await keeper.beat()
      bench.answer(.trading)
      let started = try await keeper.start(actor: "operator:http")
      #expect(started.status.state == .running && started.status.block == 1)
      try await trade(bench, keeper, minutes: 20 * 60)
      // Three hours in which the feed is silent.
      bench.answer(.broken, "silent_feed", layer: .marketData)
      bench.incident(.opened, text: "the feed is silent")
      for _ in 0..<180 {
        try await bench.pass(Self.minute)
        await keeper.beat()
      }
      bench.answer(.trading)
      bench.incident(.ended)
      bench.incident(.rootCause, text: "a cable was pulled")
      try await trade(bench, keeper, minutes: 10 * 60, seed: 3)
      // An hour stopped by hand.
      bench.add(.control(.stop(reason: "I do not trust it", actor: "operator:http")))
      bench.answer(.stopped, "kill_switch", layer: .risk)
      try await bench.pass(Self.hour)
      bench.add(.control(.resume(justification: "checked", actor: "operator:http")))
      bench.answer(.trading)
      // The process dies, and for 16 hours nothing runs: the checkpoint at 48 hours is missed.
      try await trade(bench, keeper, minutes: 60)
      bench.answer(.restarting, "unplanned_restart", layer: .system)
      try await bench.pass(16 * Self.hour)
      keeper = bench.keeper()
      await keeper.beat()
      bench.answer(.trading)
      #expect(await keeper.status.state == .running)
      try await trade(bench, keeper, minutes: 21 * 60 + 1, seed: 5)
      let status = await keeper.status
      #expect(status.state == .reported && status.checkpoints.allSatisfy(\.isMade), "\(status)")
      // At 24 hours in time, at 48 three hours late, at 72 in time.
      let late = status.checkpoints.map { Int($0.lateSeconds / 3_600) }
      #expect(late == [0, 3, 0])

      let markdown = try bench.file("report.md")
      for expected in [
        "**partial**", "unplanned\\_restart", "silent\\_feed", "kill\\_switch", "late\\_checkpoint", "broken",
        "0 differ", "a cable was pulled", "(incident)", "abnormal\\_spread", "longest time without an order",
      ] {
        #expect(markdown.contains(expected), "\(expected)\n\(markdown)")
      }
      #expect(status.judgement == .partial)
      let german = try bench.file("report.de.html")
      #expect(german.contains("teilweise") && german.contains("Kontrollpunkte"))
      // The seal is what is on the disk.
      for (name, digest) in status.files {
        #expect(AuditChain.digest(Array(try bench.file(name).utf8)) == digest, "\(name)")
      }
      // The events are in the store's chain of decisions, and a rebuilt machine says the same.
      try await bench.commit()
      let again = bench.keeper()
      await again.beat()
      #expect(await again.status == status)
    }
  }

  @Test("the same store gives the same bytes, whoever makes the report and whenever")
  func deterministic() async throws {
    try await withBench { bench in
      let keeper = bench.keeper(plan: BlockPlan(duration: 6 * Self.hour))
      await keeper.beat()
      bench.answer(.trading)
      _ = try await keeper.start(actor: "operator:http")
      try await trade(bench, keeper, minutes: 6 * 60 + 1)
      let first = try bench.file("report.html")
      let files = await keeper.status.files
      try await trade(bench, keeper, minutes: 120, seed: 9)
      let report = try await keeper.report(actor: "operator:http", lessons: nil)
      #expect(report.status.files == files)
      #expect(try bench.file("report.html") == first)
    }
  }

  @Test("block 2 is refused until block 1 is reported and somebody has written what was learned")
  func nextBlock() async throws {
    try await withBench { bench in
      let keeper = bench.keeper(plan: BlockPlan(duration: 2 * Self.hour))
      await keeper.beat()
      bench.answer(.trading)
      _ = try await keeper.start(actor: "operator:http")
      await #expect(throws: OperationError.conflict(BlockRefusal.running(1).description)) {
        try await keeper.start(actor: "operator:http")
      }
      await #expect(throws: OperationError.conflict(BlockRefusal.running(1).description)) {
        try await keeper.report(actor: "operator:http", lessons: nil)
      }
      try await trade(bench, keeper, minutes: 121)
      await #expect(throws: OperationError.conflict(BlockRefusal.notAnalysed(1).description)) {
        try await keeper.start(actor: "operator:http")
      }
      let lessons = BlockLessons(lessons: ["wait <longer>"], todos: ["measure"])
      let report = try await keeper.report(actor: "operator:http", lessons: lessons)
      #expect(report.status.state == .analysed && report.isJournaled)
      #expect(try bench.file("report.html").contains("wait &lt;longer&gt;"))
      #expect(try bench.file("decision-log.md") == report.decisionLogEntry.text)
      #expect((1...10).contains(report.summary.count) && report.summary.count == report.summaryDe.count)
      try await bench.commit()
      let second = try await keeper.start(actor: "operator:http")
      #expect(second.status.block == 2 && second.status.state == .running)
    }
  }

  @Test("what the input does not take has not happened")
  func noInput() async throws {
    try await withBench { bench in
      let keeper = bench.keeper()
      await keeper.beat()
      bench.set(takesCommands: false)
      await #expect(throws: OperationError.self) { try await keeper.start(actor: "operator:http") }
      #expect(await keeper.status.state == .none)
      bench.set(takesCommands: true)
      _ = try await keeper.start(actor: "operator:http")
      bench.set(takesCommands: false)
      try await bench.pass(73 * Self.hour)
      await keeper.beat()
      #expect(await keeper.status.state == .running)
      bench.set(takesCommands: true)
      await keeper.beat()
      #expect(await keeper.status.state == .finished)
    }
  }

  @Test("while the store lacks what was journaled before, nothing is known of blocks, and nothing is begun")
  func behind() async throws {
    try await withBench { bench in
      let keeper = bench.keeper(earlier: 3)
      await keeper.beat()
      #expect(bench.board.status == nil)
      let error = await #expect(throws: OperationError.self) {
        try await keeper.start(actor: "operator:http")
      }
      #expect(error?.code == .unavailable)
      bench.answer(.trading)
      bench.answer(.quiet)
      try await bench.commit()
      await keeper.beat()
      #expect(try await keeper.start(actor: "operator:http").status.block == 1)
    }
  }

  @Test("an incident of the last block that is not closed keeps the next one from beginning")
  func incidents() async throws {
    try await withBench { bench in
      let keeper = bench.keeper(plan: BlockPlan(duration: 2 * Self.hour))
      await keeper.beat()
      bench.answer(.trading)
      _ = try await keeper.start(actor: "operator:http")
      try await trade(bench, keeper, minutes: 60)
      bench.incident(.opened, text: "the feed is silent")
      bench.incident(.ended)
      try await trade(bench, keeper, minutes: 61)
      #expect(await keeper.status.judgement == .critical)
      _ = try await keeper.report(actor: "operator:http", lessons: BlockLessons(lessons: ["x"]))
      await #expect(throws: OperationError.conflict(BlockRefusal.incidentOpen(1, incident: 1).description)) {
        try await keeper.start(actor: "operator:http")
      }
      bench.incident(.rootCause, text: "a cable was pulled")
      bench.incident(.verified)
      bench.incident(.closed)
      #expect(try await keeper.start(actor: "operator:http").status.block == 2)
    }
  }

  @Test("a gate that is not open begins no block")
  func gate() async throws {
    try await withBench { bench in
      let keeper = bench.keeper()
      await keeper.beat()
      bench.set(gate: .tripped)
      await #expect(throws: OperationError.self) { try await keeper.start(actor: "operator:http") }
      #expect(await keeper.status.block == 0)
    }
  }

  @Test("the end by hand keeps its reason and who gave it; without a reason it is refused")
  func byHand() async throws {
    try await withBench { bench in
      let keeper = bench.keeper()
      await keeper.beat()
      bench.answer(.trading)
      _ = try await keeper.start(actor: "operator:http")
      try await trade(bench, keeper, minutes: 60)
      await #expect(throws: OperationError.invalidInput(BlockRefusal.reasonMissing.description)) {
        try await keeper.finish(actor: "operator:http", reason: "")
      }
      let answer = try await keeper.finish(actor: "operator:http", reason: "maintenance | <b>")
      #expect(answer.status.state == .finished && answer.status.endReason == "maintenance | <b>")
      try await bench.commit()
      await keeper.beat()
      #expect(await keeper.status.judgement == .partial)
      #expect(try bench.file("report.md").contains("maintenance \\| &lt;b&gt;"))
    }
  }

  @Test("a directory that takes no report is said, and the report is made once it does")
  func unwritable() async throws {
    try await withBench { bench in
      try Data().write(to: URL(filePath: bench.directory + "/blocks"))
      let keeper = bench.keeper(plan: BlockPlan(duration: Self.hour))
      await keeper.beat()
      bench.answer(.trading)
      _ = try await keeper.start(actor: "operator:http")
      try await trade(bench, keeper, minutes: 61)
      #expect(await keeper.status.state == .finished)
      await #expect(throws: OperationError.self) {
        try await keeper.report(actor: "operator:http", lessons: nil)
      }
      try FileManager.default.removeItem(atPath: bench.directory + "/blocks")
      try await bench.pass(Self.hour)
      await keeper.beat()
      #expect(await keeper.status.state == .reported)
    }
  }

  @Test("the board says where it stands, as metrics")
  func metrics() async throws {
    try await withBench { bench in
      #expect(try bench.board.collect().isEmpty)
      let keeper = bench.keeper()
      await keeper.beat()
      _ = try await keeper.start(actor: "operator:http")
      try await bench.pass(25 * Self.hour)
      await keeper.beat()
      let families = try bench.board.collect()
      #expect(families.map(\.name) == BlockMetrics.all.map(\.name))
      #expect(bench.board.status?.checkpoints.filter(\.isMade).count == 1)
      #expect(bench.board.status?.elapsedSeconds ?? 0 >= 25 * 3_600)
    }
  }
}
