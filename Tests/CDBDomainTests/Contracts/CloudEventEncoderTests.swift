import Foundation
import Testing

@testable import CDBDomain

@Suite("CloudEvents in JSON")
struct CloudEventEncoderTests {
  static func encode(_ sample: ContractSamples.Sample) throws -> [UInt8] {
    try #require(ContractSamples.encoder).encode(sample.envelope, id: sample.id)
  }

  static func object(_ sample: ContractSamples.Sample) throws -> [String: Any] {
    let parsed = try JSONSerialization.jsonObject(with: Data(try encode(sample)))
    return try #require(parsed as? [String: Any])
  }

  @Test("every kind of event has its type, and its samples")
  func types() {
    #expect(
      Set(EventKind.allCases.map(\.cloudEventType))
        == [
          "cdb.market_data.v1", "cdb.tick.v1", "cdb.market_summary.v1", "cdb.signal.v1", "cdb.decision.v1",
          "cdb.order.v1", "cdb.order_cancel.v1", "cdb.order_result.v1", "cdb.alert.v1", "cdb.control.v1",
        ])
    #expect(Set(ContractSamples.examples.map(\.envelope.event.kind)) == Set(EventKind.allCases))
    #expect(Set(ContractSamples.extremes.map(\.envelope.event.kind)) == Set(EventKind.allCases))
  }

  @Test("every event carries the required attributes, as JSON in one line", arguments: ContractSamples.all)
  func attributes(sample: ContractSamples.Sample) throws {
    #expect(!(try Self.encode(sample)).contains(UInt8(ascii: "\n")))
    let object = try Self.object(sample)
    #expect(object["specversion"] as? String == "1.0")
    #expect(object["id"] as? String == sample.id.description)
    #expect(object["source"] as? String == "/cdb/\(sample.id.producer.rawValue)")
    #expect(object["type"] as? String == sample.envelope.event.kind.cloudEventType)
    #expect(object["datacontenttype"] as? String == "application/json")
    #expect(object["time"] as? String == sample.envelope.time.rfc3339)
    let trace = TraceContext(
      journal: 0x1234_5678_9ABC_DEF0, origin: sample.envelope.origin, event: sample.id)
    #expect(object["traceparent"] as? String == trace.traceparent)
    let isOnOrderPath = sample.envelope.event.kind.isOnOrderPath
    #expect(object["block"] as? String == (isOnOrderPath ? "block-7" : nil))
    #expect(object["configfingerprint"] as? String == (isOnOrderPath ? "3f9a51c27be0" : nil))
  }

  @Test("what is not known is left out, never empty")
  func leftOut() throws {
    let encoder = CloudEventEncoder(
      instruments: try Fixture.catalogue(), journal: 0, configurationFingerprint: "", block: nil)
    for sample in ContractSamples.examples {
      let text = String(decoding: encoder.encode(sample.envelope, id: sample.id), as: UTF8.self)
      #expect(!text.contains("\"block\":") && !text.contains("\"configfingerprint\""))
      #expect(!text.contains("\"feed\""))
    }
  }

  @Test("an instrument that the catalogue does not have goes by its index, with bare mantissas")
  func unknownInstrument() throws {
    let sample = try #require(ContractSamples.strangers.first { $0.name == "unknown trade" })
    let data = try #require(try Self.object(sample)["data"] as? [String: Any])
    #expect(data["symbol"] as? String == "#\(nowhere.index)")
    #expect(data["price"] as? String == "6183763")
    #expect(data["quantity"] as? String == "1250000")
  }

  @Test("an attribute has no control characters; the data keeps the text as it is")
  func plainAttributes() throws {
    var order = ContractSamples.order
    order.account = "a\nb\u{85}🦊"
    let encoder = CloudEventEncoder(
      instruments: try Fixture.catalogue(), journal: 0, configurationFingerprint: "\u{0}", block: "7\"")
    let json = encoder.encode(Envelope(time: at(0), origin: 0, event: .order(order)), id: order.id)
    let object = try #require(JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
    #expect(object["account"] as? String == "a\u{FFFD}b\u{FFFD}🦊")
    #expect(object["configfingerprint"] as? String == "\u{FFFD}")
    #expect(object["block"] as? String == "7\"")
    #expect((object["data"] as? [String: Any])?["account"] as? String == order.account)
  }

  @Test("hostile text comes back as it went in", arguments: ContractSamples.hostileTexts)
  func text(text: String) throws {
    let alert = Alert(
      id: Fixture.id(.ws, 1), level: .notice, reason: .none, message: text, context: [text: text])
    let sample = ContractSamples.Sample(
      name: "text", id: alert.id, envelope: Envelope(time: at(0), origin: 0, event: .alert(alert)))
    let data = try #require(try Self.object(sample)["data"] as? [String: Any])
    #expect(data["message"] as? String == text)
    #expect(data["context"] as? [String: String] == [text: text])
  }

  @Test("the same event gives the same bytes, whatever order a dictionary has")
  func deterministic() throws {
    let names = (0..<50).map { "feature_\($0)" }
    var encodings: Set<[UInt8]> = []
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = SplitMix64(seed: seed)
      var signal = ContractSamples.signal
      signal.features = [:]
      for name in names.shuffled(using: &random) { signal.features[name] = .one }
      let envelope = Envelope(time: at(0), origin: 0, event: .signal(signal))
      encodings.insert(try #require(ContractSamples.encoder).encode(envelope, id: signal.id))
    }
    #expect(encodings.count == 1)
  }

  @Test(
    "order path events read back to what they were, to the last digit",
    arguments: ContractSamples.examples + ContractSamples.extremes)
  func roundTrip(sample: ContractSamples.Sample) throws {
    guard sample.envelope.event.kind.isOnOrderPath else { return }
    let json = try Self.encode(sample)
    let event = try OrderPathReader(catalogue: Fixture.catalogue()).event(from: json)
    #expect(event == sample.envelope.event)
  }
}
