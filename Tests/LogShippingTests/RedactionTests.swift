import Foundation
import ProgramFixture
import Testing

@testable import LogShipping

@Suite("Secrets in lines")
struct RedactionTests {
  private static let usual = Redactor()

  private static func redacted(_ text: String, by redactor: Redactor = usual) -> String? {
    var output: [UInt8] = []
    let isFound = Array(text.utf8).withUnsafeBytes { redactor.redact($0, into: &output) }
    return isFound ? String(decoding: output, as: UTF8.self) : nil
  }

  @Test(
    "what looks like a secret is left out",
    arguments: [
      ("password=hunter2 user=me", "password=[redacted] user=me"),
      ("PassWord : hunter2, x", "PassWord : [redacted], x"),
      ("db_password='a b' next", "db_password='[redacted]' next"),
      ("password=\"a \\\" b\" next", "password=\"[redacted]\" next"),
      ("{\"password\":\"a\\\"b\\\\\",\"x\":1}", "{\"password\":\"[redacted]\",\"x\":1}"),
      ("{\"pwd\": 1234, \"x\": 1}", "{\"pwd\": \"[redacted]\", \"x\": 1}"),
      ("{\"m\":\"{\\\"token\\\":\\\"a\\\\\\\"b\\\"}\"}", "{\"m\":\"{\\\"token\\\":\\\"[redacted]\\\"}\"}"),
      ("{\"m\":\"{\\\"pwd\\\":12}\"}", "{\"m\":\"{\\\"pwd\\\":\\\"[redacted]\\\"}\"}"),
      ("{\"m\":\"GET /a?api_key=abc&b=1\"}", "{\"m\":\"GET /a?api_key=[redacted]&b=1\"}"),
      ("Authorization: Basic dXNlcjpwYXNz", "Authorization: [redacted]"),
      ("sent Bearer abcdef123456 to x", "sent Bearer [redacted] to x"),
      ("at postgres://me:pa:ss@db:5432/x", "at postgres://me:[redacted]@db:5432/x"),
      ("key AKIAABCDEFGHIJKLMNOP.", "key AKIA[redacted]."),
      ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl end", "jwt [redacted] end"),
      (
        "{\"k\":\"-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\nabc\\n-----END RSA PRIVATE KEY-----\"}",
        "{\"k\":\"-----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY-----\"}"
      ),
      ("secret=a secret=b", "secret=[redacted] secret=[redacted]"),
      ("password=", nil), ("the password is wrong", nil), ("{\"token_count\":5}", nil),
      ("{\"password\":null}", nil), ("{\"m\":\"password:\",\"x\":\"y\"}", nil), ("bearer of news", nil),
      ("http://host:80/a@b", nil), ("-----BEGIN CERTIFICATE-----\\nabc", nil),
      ("{\"password\":{\"a\":1}}", nil),
    ] as [(String, String?)])
  func found(line: String, expected: String?) {
    #expect(Self.redacted(line) == expected)
  }

  @Test("further names of keys can be told")
  func further() {
    #expect(Self.redacted("pin=1234") == nil)
    #expect(Self.redacted("pin=1234", by: Redactor(further: ["pin"])) == "pin=[redacted]")
  }

  @Test("JSON stays JSON, whatever is left out of it")
  func staysJSON() throws {
    var random = SeededGenerator(seed: 5)
    let pieces = [
      "password", "\"", "'", "\\", ":", "=", " ", "token", "bearer ", "://", "a", "@", ",", "{", "}",
      "12345678", "eyJ",
      "-----BEGIN PRIVATE KEY-----", "-", "secret\":\"", "cookie: ", ";", "ä", "null", "\n", "AKIA", "[", "]",
    ]
    var found = 0
    for _ in 0..<500 {
      func text() -> String {
        (0..<Int.random(in: 0...9, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
          .joined()
      }
      let inner = try JSONSerialization.data(withJSONObject: ["k" + text(): text(), "token": text()])
      let object: [String: Any] = [
        "k" + text(): text(), "password": text(), "message": text() + String(decoding: inner, as: UTF8.self),
        "pwd": Int.random(in: 0..<100, using: &random), "list": [text(), text()],
      ]
      let line = try JSONSerialization.data(withJSONObject: object)
      guard let redacted = Self.redacted(String(decoding: line, as: UTF8.self)) else { continue }
      found += 1
      let scan = Array(redacted.utf8).withUnsafeBytes { JSONValidator.scan($0) }
      guard case .object = scan else {
        Issue.record("\(String(decoding: line, as: UTF8.self)) became \(redacted): \(scan)")
        return
      }
      let read = try JSONSerialization.jsonObject(with: Data(redacted.utf8)) as? [String: Any]
      #expect(read?["pwd"] as? String == Redactor.mark)
      let password = object["password"] as? String ?? ""
      #expect(read?["password"] as? String == (password.isEmpty ? "" : Redactor.mark))
    }
    #expect(found == 500)
  }

  @Test("the words are found wherever they stand, also within each other")
  func words() {
    let finder = WordFinder(["he", "she", "hers", "api-key"])
    var found: [String] = []
    Array("uSHErs api-keY".utf8).withUnsafeBytes { bytes in
      finder.search(bytes) { word, end in
        found.append("\(word)@\(end)")
        return end
      }
    }
    #expect(found == ["1@4", "2@6", "3@14"])
  }
}
