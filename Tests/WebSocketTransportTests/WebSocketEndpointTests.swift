import Testing
import WebSocketTransport

@Suite("The URL of a WebSocket")
struct WebSocketEndpointTests {
  @Test(
    "its parts, with the scheme's own port where it names none",
    arguments: [
      ("ws://h", WebSocketEndpoint(isSecure: false, host: "h", port: 80, target: "/")),
      (
        "wss://h.example/a/b?c=d",
        WebSocketEndpoint(isSecure: true, host: "h.example", port: 443, target: "/a/b?c=d")
      ),
      ("WSS://h:9443", WebSocketEndpoint(isSecure: true, host: "h", port: 9_443, target: "/")),
      ("ws://[::1]:81/x", WebSocketEndpoint(isSecure: false, host: "::1", port: 81, target: "/x")),
      ("ws://h?q", WebSocketEndpoint(isSecure: false, host: "h", port: 80, target: "/?q")),
    ])
  func parts(url: String, endpoint: WebSocketEndpoint) throws {
    #expect(try WebSocketEndpoint(url: url) == endpoint)
  }

  @Test(
    "what is none is refused with the reason",
    arguments: [
      "http://h", "ws://", "ws:///x", "ws://h:0", "ws://h:65536", "ws://h:x", "ws://u:p@h", "ws://h/#f",
      "ws://h /", "ws://[::1", "ws://[::1]x", "ws://h\r\n", "",
    ])
  func refused(url: String) {
    #expect(throws: WebSocketError.self) { try WebSocketEndpoint(url: url) }
  }
}
