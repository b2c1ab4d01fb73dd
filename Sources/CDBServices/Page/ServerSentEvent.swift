/// One event of a stream, https://html.spec.whatwg.org/multipage/server-sent-events.html.
struct ServerSentEvent: Sendable {
  var name: String
  var text: String
  /// What a reader names when it comes back.
  var id: String?

  /// A line break in the text begins a new line of data; names and ids have none.
  var bytes: [UInt8] {
    var event = "event: \(Self.line(name))\n"
    if let id { event += "id: \(Self.line(id))\n" }
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      event += "data: \(line)\n"
    }
    return Array((event + "\n").utf8)
  }

  private static func line(_ text: String) -> String { text.filter { !$0.isNewline && $0 != "\0" } }
}
