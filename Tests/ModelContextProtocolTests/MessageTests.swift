import Testing

@testable import ModelContextProtocol

@Suite("Messages of a client")
struct MessageTests {
  private func read(_ text: String) throws(IncomingMessage.Refusal) -> IncomingMessage {
    try IncomingMessage.read(Array(text.utf8), limits: JSONLimits())
  }

  private func refusal(_ text: String) -> IncomingMessage.Refusal? {
    do {
      let message = try read(text)
      Issue.record("taken: \(message)")
      return nil
    } catch {
      return error
    }
  }

  @Test("a request, a notification and a response are told apart")
  func kinds() throws {
    #expect(
      try read(#"{"jsonrpc":"2.0","id":1.0,"method":"m","params":{"_meta":{"progressToken":"t"},"x":1}}"#)
        == .request(
          .init(
            id: .integer(1), method: "m", parameters: ["_meta": ["progressToken": "t"], "x": 1],
            meta: ["progressToken": "t"])))
    #expect(try read(#"{"jsonrpc":"2.0","method":"n"}"#) == .notification(method: "n", parameters: [:]))
    #expect(try read(#"{"jsonrpc":"2.0","id":1,"result":{}}"#) == .response)
    #expect(try read(#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}"#) == .response)
  }

  @Test("what is no JSON is a parse error without an id")
  func parseError() {
    let refused = refusal(#"{"jsonrpc":"2.0","id":1,"method":"#)
    #expect(refused?.error?.code == -32700)
    #expect(refused?.id == nil)
  }

  @Test(
    "what is JSON and no message is an invalid request, with the id where there is one",
    arguments: [
      ("[]", nil), (#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, nil), ("1", nil), ("null", nil),
      ("{}", nil),
      (#"{"id":1,"method":"m"}"#, .integer(1)), (#"{"jsonrpc":"1.0","id":1,"method":"m"}"#, .integer(1)),
      (#"{"jsonrpc":2.0,"id":1,"method":"m"}"#, .integer(1)), (#"{"jsonrpc":"2.0","id":"x"}"#, .string("x")),
      (#"{"jsonrpc":"2.0","id":1,"method":5}"#, .integer(1)),
      (#"{"jsonrpc":"2.0","id":1,"method":""}"#, .integer(1)),
      (#"{"jsonrpc":"2.0","id":1,"method":"m","params":[1]}"#, .integer(1)),
      (#"{"jsonrpc":"2.0","id":null,"method":"m"}"#, nil), (#"{"jsonrpc":"2.0","id":1.5,"method":"m"}"#, nil),
      (#"{"jsonrpc":"2.0","id":{},"method":"m"}"#, nil),
      (#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#, .integer(1)),
    ] as [(String, RequestID?)])
  func invalidRequest(_ text: String, _ id: RequestID?) {
    let refused = refusal(text)
    #expect(refused?.error?.code == -32600)
    #expect(refused?.id == id)
  }

  @Test("a batch is refused as what it is")
  func batch() {
    #expect(refusal("[]")?.error?.message == "batches are not taken")
  }

  @Test(
    "a _meta that is none is told as wrong parameters",
    arguments: [
      #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":1}}"#,
      #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"progressToken":1.5}}}"#,
    ])
  func meta(_ text: String) {
    #expect(refusal(text)?.error?.code == -32602)
    #expect(refusal(text)?.id == .integer(1))
  }

  @Test(
    "a broken notification is not answered",
    arguments: [
      #"{"jsonrpc":"2.0","method":"n","params":[]}"#, #"{"jsonrpc":"2.0","method":"n","params":{"_meta":1}}"#,
    ])
  func notification(_ text: String) {
    let refused = refusal(text)
    #expect(refused != nil)
    #expect(refused?.error == nil)
  }

  @Test("lines are cut at newlines, whatever pieces the bytes come in; empty ones are none")
  func lines() {
    let bytes = Array("{}\n\n \r\n[1]\r\nlast".utf8)
    for size in 1...bytes.count {
      var framer = LineFramer(limit: 100)
      var frames: [Frame] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        frames += framer.take(Array(bytes[start..<min(bytes.count, start + size)]))
      }
      frames += framer.end()
      #expect(frames == ["{}", "[1]\r", "last"].map { .message(Array($0.utf8)) })
    }
  }

  @Test("a line that is too long is told once and passed over; the next one is read")
  func longLines() {
    for size in [1, 3, 7, 100] {
      let bytes = Array("12345\n123456\n1234567890123\nok\n123456".utf8)
      var framer = LineFramer(limit: 5)
      var frames: [Frame] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        frames += framer.take(Array(bytes[start..<min(bytes.count, start + size)]))
      }
      frames += framer.end()
      let tooLong = Frame.tooLong(limit: 5)
      #expect(
        frames == [.message(Array("12345".utf8)), tooLong, tooLong, .message(Array("ok".utf8)), tooLong])
    }
  }
}
