import NIOCore
import Testing

@testable import WebSocketTransport

@Suite("What a connection's error says")
struct WebSocketErrorTests {
  @Test("every bracket that it opens it closes")
  func brackets() {
    let error = WebSocketError(IOError(errnoCode: 111, reason: "connect"))
    let text = error.description
    #expect(text.hasPrefix("the connection broke: connect: ") && text.hasSuffix(" (errno: 111)"))
    #expect(text.count { $0 == "(" } == text.count { $0 == ")" }, "\(text)")
  }
}
