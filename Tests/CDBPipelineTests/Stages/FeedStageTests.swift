import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("ws and db_writer, input by input")
struct FeedStageTests {
  private struct Bench {
    var stage: FeedStage
    var outbox = Outbox(producer: .ws, sequences: [0, 0], feedback: 0)

    init() throws { stage = FeedStage(configuration: try Fixture.configuration()) }

    mutating func take(_ kind: RecordKind, _ payload: [UInt8] = []) -> Disposition {
      payload.withUnsafeBytes { stage.handle(IngestInput(kind: kind, source: 0, payload: $0), &outbox) }
    }
  }

  @Test("a tick and a command go into every partition")
  func broadcast() throws {
    var bench = try Bench()
    let dispositions = [
      bench.take(.tick), bench.take(.control, try Control.stop(reason: "a test").json()),
    ]
    #expect(dispositions == [.acted, .acted])
    for lane in bench.outbox.lanes { #expect(lane.envelopes.map(\.event.kind) == [.tick, .control]) }
  }

  @Test("a command that is none is dropped", arguments: ["", "{}", "null", #"{"stop":{}}"#, "\u{0}"])
  func malformedControl(text: String) throws {
    var bench = try Bench()
    let disposition = bench.take(.control, Array(text.utf8))
    #expect(disposition == .dropped(.malformedFrame))
    #expect(bench.outbox.lanes.allSatisfy { $0.envelopes.isEmpty })
  }

  @Test("a configuration of the same instruments goes on; one of others is dropped")
  func configurations() throws {
    var bench = try Bench()
    for (symbols, expected) in [
      (["BTCUSDT", "ETHUSDT"], Disposition.acted), (["BTCUSDT"], .dropped(.unexpectedEvent)),
      (["ETHUSDT", "BTCUSDT"], .dropped(.unexpectedEvent)),
    ] {
      let disposition = bench.take(.control, try Control.configure(Fixture.configuration(symbols)).json())
      #expect(disposition == expected)
    }
  }

  @Test("db_writer takes the order path, passes ticks over, and knows no market data")
  func writer() {
    var stage = DBWriterStage()
    var outbox = Outbox(producer: .dbWriter, sequences: [], feedback: 0)
    let dispositions = [Event.signal(Make.signal()), .tick, .quote(Make.quote())].map {
      stage.handle($0, &outbox)
    }
    #expect(dispositions == [.acted, .absorbed(.tick), .dropped(.unexpectedEvent)])
  }
}
