import Foundation
import ProgramFixture
import Testing

@testable import LogShipping

@Suite("Lines that a container runtime wraps")
struct ContainerFormatTests {
  private static let id = String(repeating: "0123456789abcdef", count: 4)
  private static let time = "2026-11-30T12:00:00.123456789Z"

  /// An entry of Docker's, with its text as JSON has it.
  private static func docker(_ text: String, _ stream: String = "stdout") -> String {
    "{\"log\":\"\(text)\",\"stream\":\"\(stream)\",\"time\":\"\(time)\"}\n"
  }

  private static func cri(_ text: String, _ tag: String = "F", _ stream: String = "stdout") -> String {
    "\(time) \(stream) \(tag) \(text)\n"
  }

  private static func unwrap(_ record: String, _ format: ContainerFormat) -> (text: String, isError: Bool)? {
    var text: [UInt8] = Array("old".utf8)
    let frame = Array(record.utf8).withUnsafeBytes { format.unwrap($0, into: &text) }
    return frame.map { frame in
      #expect(String(decoding: frame.time, as: UTF8.self) == "\"\(time)\"")
      return (String(decoding: text, as: UTF8.self), frame.isError)
    }
  }

  @Test(
    "Docker's text is what the container said, to the letter",
    arguments: [
      ("a\\n", "a"), ("a\\r\\n", "a"), ("", ""), ("\\n", ""), ("a\\\"b\\\\\\n", "a\"b\\"),
      ("a\\tb\\u0001\\/\\b\\f", "a\tb\u{1}/\u{8}\u{c}"),
      ("\\u00e4€\\ud834\\udd1e\\n", "ä€𝄞"), ("\\ud834x\\udd1e\\ud834", "\u{FFFD}x\u{FFFD}\u{FFFD}"),
      ("a\\\\n", "a\\n"),
    ])
  func dockerText(raw: String, text: String) {
    let found = Self.unwrap(Self.docker(raw), .docker)
    #expect(found?.text == text && found?.isError == false)
  }

  @Test("entries of several parts are put together; the order of the keys, and further ones, are nothing")
  func parts() {
    #expect(
      Self.unwrap(Self.docker("a ") + Self.docker("b ") + Self.docker("c\\n"), .docker)?.text == "a b c")
    #expect(Self.unwrap(Self.cri("a ", "P") + Self.cri("b"), .cri)?.text == "a b")
    let other =
      "{ \"time\":\"\(Self.time)\", \"attrs\":{\"log\":\"no\"}, \"stream\":\"stderr\",\"log\":\"x\\n\"}"
    let found = Self.unwrap(other, .docker)
    #expect(found?.text == "x" && found?.isError == true)
    #expect(
      Self.unwrap(Self.cri("x y", "F:a:b", "stderr"), .cri).map { "\($0)" }
        == "(text: \"x y\", isError: true)")
    #expect(Self.unwrap("\(Self.time) stdout F", .cri)?.text == "")
  }

  @Test(
    "what is no entry is left as it is",
    arguments: [
      ("plain", ContainerFormat.docker), ("{\"log\":\"a\"}", .docker),
      ("{\"log\":1,\"time\":\"2026-11-30T12:00:00Z\"}", .docker),
      ("{\"log\":\"a\\n\",\"time\":\"2026-11-30T12:00:00", .docker),
      ("{\"log\":\"a\",\"time\":\"yesterday, or the day before\"}", .docker),
      ("", .docker), ("plain", .cri), ("2026-11-30T12:00:00Z stdout", .cri),
      ("2026-11-30T12:00:00Z other F x", .cri),
      ("2026-11-30T12:00:00Z stdout X x", .cri), ("2026-11-30T12:00:00Z stdout FP x", .cri),
      ("yesterday stdout F x", .cri), ("", .cri),
    ])
  func none(line: String, format: ContainerFormat) { #expect(Self.unwrap(line, format) == nil) }

  /// The records that are cut out of a text, and whether the last one is open.
  private static func cut(_ text: String, _ format: ContainerFormat) -> (records: [String], isOpen: Bool) {
    let cutter = RecordCutter(rule: .container(format), longest: 1_000)
    return Array(text.utf8).withUnsafeBytes { bytes in
      var records: [String] = []
      var start = 0
      while let cut = cutter.next(in: bytes, from: start, isEnd: { _ in false }) {
        guard case .record(let record, _) = cut else { return (records, true) }
        var said: [UInt8] = []
        let content = UnsafeRawBufferPointer(rebasing: bytes[record.content])
        let frame = format.unwrap(content, into: &said)
        records.append(String(decoding: frame == nil ? Array(content) : said, as: UTF8.self))
        start = record.end
      }
      return (records, false)
    }
  }

  @Test("a record is the parts of one stream up to the last; what is no entry, and the other stream, end it")
  func records() {
    let docker =
      Self.docker("a") + Self.docker("b\\n") + Self.docker("c\\n") + Self.docker("d")
      + Self.docker("e\\n", "stderr")
    var cut = Self.cut(docker + "torn\n" + Self.docker("f"), .docker)
    #expect(cut.records == ["ab", "c", "d", "e", "torn"] && cut.isOpen)
    cut = Self.cut(docker, .docker)
    #expect(cut.records == ["ab", "c", "d", "e"] && !cut.isOpen)
    cut = Self.cut(
      Self.cri("a", "P") + Self.cri("b", "P") + Self.cri("c") + Self.cri("d") + Self.cri("e", "P"), .cri)
    #expect(cut.records == ["abc", "d"] && cut.isOpen)
  }

  private static func document(_ line: String, _ format: ContainerFormat) throws -> [String: Any] {
    var writer = DocumentWriter(redactor: Redactor(), container: format)
    let origin = DocumentWriter.Origin(
      path: JSONText.quoted("p"), offset: 0, time: Array("\"now\"".utf8), container: JSONText.quoted("c"))
    var output: [UInt8] = []
    Array(line.utf8).withUnsafeBytes { bytes in
      let prepared = writer.prepare(bytes, origin)
      writer.write(prepared, bytes, origin, to: &output)
    }
    return try #require(try JSONSerialization.jsonObject(with: Data(output)) as? [String: Any])
  }

  @Test("a document has the container's words, the runtime's time and the stream")
  func documents() throws {
    let text = try Self.document(Self.docker("hello\\n", "stderr"), .docker)
    #expect(text["message"] as? String == "hello" && text["@timestamp"] as? String == Self.time)
    #expect(text["log.iostream"] as? String == "stderr" && text["container.id"] as? String == "c")
    let json = try Self.document(Self.cri("{\"@timestamp\":\"own\",\"password\":\"hunter2\",\"n\":1}"), .cri)
    #expect(json["@timestamp"] as? String == "own" && json["n"] as? Int == 1 && json["message"] == nil)
    #expect(json["password"] as? String == Redactor.mark && json["log.iostream"] as? String == "stdout")
    let own = try Self.document(
      Self.docker("{\\\"container.id\\\":\\\"x\\\",\\\"log.iostream\\\":\\\"y\\\"}\\n"), .docker)
    #expect(own["container.id"] as? String == "x" && own["log.iostream"] as? String == "y")
    let torn = try Self.document("{\"log\":\"a\\n\",\"str", .docker)
    #expect(torn["@timestamp"] as? String == "now" && torn["log.iostream"] == nil)
    #expect(torn["log.flags"] as? [String] == ["invalid_json"] && torn["container.id"] as? String == "c")
  }

  @Test("the container's id is 64 digits of its file's name")
  func ids() {
    #expect(ContainerFormat.id(in: "/var/lib/docker/containers/\(Self.id)/\(Self.id)-json.log.1") == Self.id)
    #expect(ContainerFormat.id(in: "/var/log/containers/pod-1_ns_name-\(Self.id).log") == Self.id)
    #expect(ContainerFormat.id(in: "/\(Self.id)/json.log") == nil)
    #expect(ContainerFormat.id(in: "/a/\(Self.id)0.log") == nil)
  }

  @Test(
    "parts are put together over a restart, and the audit finds each record",
    arguments: ContainerFormat.allCases)
  func shipped(format: ContainerFormat) async throws {
    let server = try BulkServer()
    defer { server.stop() }
    func entry(_ text: String, isPart: Bool = false) -> String {
      format == .docker ? Self.docker(text + (isPart ? "" : "\\n")) : Self.cri(text, isPart ? "P" : "F")
    }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      var options = options(folder, [server.url])
      options.container = format
      let log = folder + "/logs/\(Self.id)-json.log"
      try LogFile.append(entry("one") + entry("two ", isPart: true), to: log)
      try await withShipper(options) { _ in
        _ = try await eventually("the first is there") { server.messages.isEmpty ? nil : true }
      }
      try LogFile.append(entry("three") + entry("four"), to: log)
      try await withShipper(options) { shipper in
        _ = try await eventually("all is settled") {
          shipper.statistics.pending == 0 && server.messages.count >= 3 ? true : nil
        }
      }
      let messages = Set(server.messages)
      // Slow machines may take longer than a part waits for the next.
      #expect(messages == ["one", "two three", "four"] || messages == ["one", "two ", "three", "four"])
      #expect(server.documents.allSatisfy { $0["container.id"] as? String == Self.id })
      let report = try #require(try await LogAudit.run(options: options).first)
      #expect(report.isWhole && report.found == UInt64(messages.count) && server.state.faults == [])
    }
  }
}
