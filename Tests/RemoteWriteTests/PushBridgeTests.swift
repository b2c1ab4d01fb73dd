import Foundation
import HTTPServerFixture
import OpenMetrics
import ProgramFixture
import PushServerFixture
import Synchronization
import Testing

@testable import RemoteWrite

@Suite("A bridge that is pushed to", .serialized)
struct PushBridgeTests {
  /// A bridge that scrapes nothing, its receiver's server, and the receiver behind it.
  private static func withMiddle<Result: Sendable>(
    _ options: String = "", global: String = "", queueBytes: Int = 64 << 20,
    receiver script: @escaping Receiver.Script = { _, _ in nil },
    _ body: @Sendable @escaping (Bridge, PushServer, Receiver) async throws -> Result
  ) async throws -> Result {
    let receiver = try Receiver(script: script)
    defer { receiver.stop() }
    return try await withTemporaryDirectory { folder in
      let yaml = """
        global: {scrape_interval: 1m\(global)}
        remote_write:
          - {name: e, url: "\(receiver.url)"\(options), queue_config: {batch_send_deadline: 20ms, min_backoff: 20ms, max_backoff: 100ms}}

        """
      return try await withBridge(yaml, in: folder + "/middle", queueBytes: queueBytes) { bridge in
        let server = try PushServer(bridge.receiver)
        defer { server.stop() }
        return try await body(bridge, server, receiver)
      }
    }
  }

  // MARK: - Our own sender

  @Test(
    "what our own sender sends arrives as it was, sample by sample and bit by bit",
    arguments: WriteProtocol.allCases)
  func roundTrip(version: WriteProtocol) async throws {
    let isGone = Atomic(false)
    let target = try CountingTarget { number in
      var text = "# HELP scrapes_total of scrapes\n# TYPE scrapes_total counter\nscrapes_total \(number)\n"
      for (index, one) in PrometheusTests.hostile.enumerated() {
        text += "hostile{text=\"\(one.labels)\",index=\"\(index)\"} \(one.text)\n"
      }
      if !isGone.load(ordering: .relaxed) { text += "fleeting \(number)\n" }
      return .text(text)
    }
    let direct = try Receiver()
    defer {
      target.stop()
      direct.stop()
    }
    try await Self.withMiddle(global: ", external_labels: {zone: z}") { middle, server, receiver in
      try await withTemporaryDirectory { folder in
        let yaml = bridgeYAML([target.address], [direct.url, server.url]).replacing(
          "{name: e1,", with: "{name: e1, protobuf_message: \(version.rawValue),")
        let endpoints = try await withBridge(yaml, in: folder) { sender in
          _ = try await eventually("ten scrapes") { target.scrapes >= 10 ? true : nil }
          isGone.store(true, ordering: .relaxed)
          _ = try await eventually("its end is told") {
            receiver.samples("fleeting").last?.bits == SampleValue.stale ? true : nil
          }
          sender.stop()
          return try await eventually("all is sent") {
            let endpoints = sender.statistics.endpoints
            return endpoints.allSatisfy { $0.pending == 0 } ? endpoints : nil
          }
        }
        #expect(endpoints[1].ledger.delivered == endpoints[1].enqueued)
        #expect(endpoints[1].unwritten == 0 && endpoints[1].requests["not_understood"] ?? 0 == 0)
      }
      _ = try await eventually("the middle has sent it on") {
        receiver.accepted >= direct.accepted ? true : nil
      }
      #expect(direct.faults == [] && receiver.faults == [])
      var expected: [SeriesLabels: [WriteRequest.Sample]] = [:]
      for (series, samples) in direct.series {
        var labels = series
        labels["zone"] = "z"
        expected[labels] = samples
      }
      #expect(receiver.series == expected && expected.count > 10)
      let format: PushFormat = version == .version1 ? .remoteWrite1 : .remoteWrite2
      let pushed = try #require(middle.statistics.received.formats[format])
      #expect(pushed.samples == UInt64(receiver.accepted))
      #expect(pushed.requests.keys.map(\.rawValue) == ["ok"])
      #expect(middle.statistics.received.formats.count == 1 && middle.statistics.received.refused == [:])
      let families = receiver.received.flatMap(\.request.metadata)
      #expect(families.contains { $0.family == "scrapes_total" && $0.help == "of scrapes" && $0.type == 1 })
    }
  }

  // MARK: - Answers

  @Test("what is written is said in 2.0; what is left out is told of, and all else is there")
  func answers() async throws {
    try await Self.withMiddle(", send_exemplars: true, send_native_histograms: true") { bridge, _, receiver in
      var request = Pushed.Request2()
      request.add([("__name__", "a")], Pushed.values(1, 2))
      request.add([("__name__", "n")], [], more: Message().message(3, Pushed.histogram(time: Pushed.time)))
      let good = await bridge.receiver.write(Pushed.push(request.bytes, .version2))
      #expect(good.status == 204 && good.words == "")
      #expect(
        good.headers.map(\.value) == ["2", "1", "0"]
          && good.headers[0].name == "X-Prometheus-Remote-Write-Samples-Written")
      request.add([("__name__", "a")], Pushed.values(0))
      request.add([("__name__", "b")], Pushed.values(3))
      let partial = await bridge.receiver.write(Pushed.push(request.bytes, .version2))
      #expect(partial.status == 400 && partial.result == .partial && partial.samples == 3)
      #expect(partial.words.hasPrefix("1 samples are not taken, all else is: out of order sample"))
      let none = await bridge.receiver.write(Pushed.push([0x0b]))
      #expect(none.status == 400 && none.result == .malformed && none.headers.isEmpty)
      let json = Push(contentType: "application/json", contentEncoding: "snappy", body: [])
      #expect(await bridge.receiver.write(json).status == 415)
      let gzip = Push(contentType: "application/x-protobuf", contentEncoding: "gzip", body: [])
      #expect(await bridge.receiver.write(gzip).status == 415)
      #expect(await bridge.receiver.importText(gzip).status == 400)
      let received = bridge.statistics.received
      #expect(
        received.formats[.remoteWrite2]?.requests == [.ok: 1, .partial: 1]
          && received.formats[.remoteWrite2]?.samples == 7)
      #expect(
        received.formats[.remoteWrite1]?.requests == [.malformed: 1, .unsupported: 2])
      #expect(received.refused == [.outOfOrder: 1] && received.formats[.text]?.requests == [.malformed: 1])
      _ = try await eventually("all of it arrives") { receiver.samples("b").isEmpty ? nil : true }
    }
  }

  @Test("an empty request is taken, and metadata alone are passed on")
  func bare() async throws {
    try await Self.withMiddle { bridge, _, receiver in
      #expect(await bridge.receiver.write(Pushed.push([])).status == 204)
      #expect(await bridge.receiver.write(Pushed.push([], .version2)).status == 204)
      let body = Pushed.request1(metadata: Message().number(1, 2).text(2, "m").text(4, "h"))
      #expect(await bridge.receiver.write(Pushed.push(body)).status == 204)
      let metadata = try await eventually("they arrive") { receiver.received.first?.request.metadata }
      #expect(metadata == [.init(family: "m", type: 2, help: "h", unit: "")])
      #expect(bridge.statistics.endpoints[0].enqueued == 0)
    }
  }

  // MARK: - Pressure

  @Test("a queue that is full takes nothing and drops nothing; when there is room again all of it arrives")
  func pressure() async throws {
    let isAway = Atomic(true)
    try await Self.withMiddle(
      queueBytes: 1 << 20,
      receiver: { _, _ in isAway.load(ordering: .relaxed) ? .status(503) : nil }
    ) { bridge, _, receiver in
      // Texts that cannot be packed: each request is about 40 KiB.
      var random = SeededGenerator(seed: 3)
      func push(_ number: Int) -> Push {
        var request = Message()
        for part in 0..<40 {
          let text = (0..<64).map { _ in String(UInt64.random(in: 0...UInt64.max, using: &random), radix: 36)
          }
          request = request.message(
            1,
            Pushed.series1(
              [("__name__", "a"), ("part", "\(part)"), ("text", text.joined())],
              Pushed.values(Double(number), from: Pushed.time + Int64(number))))
        }
        return Pushed.push(request.bytes)
      }
      var taken = 0
      var waiting: Push?
      while taken < 100, waiting == nil {
        let next = push(taken)
        let answer = await bridge.receiver.write(next)
        if answer.status == 204 {
          taken += 1
        } else {
          #expect(answer.status == 503 && answer.result == .full)
          #expect(answer.headers.contains { $0.name == "Retry-After" && $0.value == "5" })
          waiting = next
        }
      }
      let next = try #require(waiting)
      #expect(taken >= 4)
      let full = bridge.statistics.endpoints[0]
      #expect(full.enqueued == UInt64(taken * 40) && full.queueBytes <= 3 << 18)
      isAway.store(false, ordering: .relaxed)
      _ = try await eventually("there is room again") {
        await bridge.receiver.write(next).status == 204 ? true : nil
      }
      _ = try await eventually("all of it arrives") { receiver.accepted == (taken + 1) * 40 ? true : nil }
      #expect(receiver.faults == [] && bridge.statistics.endpoints[0].ledger.droppedFull == 0)
      // More than it ever has room for is no reason to come again.
      var huge = Message()
      for part in 0..<1_000 {
        let text = (0..<64).map { _ in String(UInt64.random(in: 0...UInt64.max, using: &random), radix: 36) }
        huge = huge.message(
          1, Pushed.series1([("__name__", "h"), ("p", "\(part)"), ("t", text.joined())], Pushed.values(1)))
      }
      #expect(await bridge.receiver.write(Pushed.push(huge.bytes)).status == 413)
    }
  }

  @Test("a thousand senders at once are all answered, and what each was told that it is taken arrives once")
  func crowd() async throws {
    try await Self.withMiddle { bridge, _, receiver in
      let statuses = await withTaskGroup(of: Int.self, returning: [Int: Int].self) { group in
        for number in 0..<1_000 {
          group.addTask {
            let push =
              number % 2 == 0
              ? Pushed.text("a{sender=\"\(number)\"} \(number) \(Pushed.time)\n")
              : Pushed.push(
                Pushed.request1(
                  Pushed.series1(
                    [("__name__", "a"), ("sender", "\(number)")], Pushed.values(Double(number)))))
            return number % 2 == 0
              ? await bridge.receiver.importText(push).status : await bridge.receiver.write(push).status
          }
        }
        return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      }
      #expect(statuses == [204: 1_000])
      _ = try await eventually("all of it arrives") { receiver.accepted == 1_000 ? true : nil }
      #expect(receiver.faults == [] && receiver.series.count == 1_000)
      for (series, samples) in receiver.series {
        #expect(samples.map { "\(Int($0.value))" } == [series["sender"]])
      }
    }
  }

  @Test("a bridge that has no endpoint, or is ending, takes nothing")
  func nowhere() async throws {
    try await withTemporaryDirectory { folder in
      try await withBridge("global: {scrape_interval: 1m}\n", in: folder) { bridge in
        let answer = await bridge.receiver.importText(Pushed.text("a 1\n"))
        #expect(answer.status == 503 && answer.words == "there is no endpoint to send it to")
        bridge.stop()
        #expect(await bridge.receiver.importText(Pushed.text("a 1\n")).words == "the bridge is ending")
      }
    }
  }
}
