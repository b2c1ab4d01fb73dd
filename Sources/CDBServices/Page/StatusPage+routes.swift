import CDBDomain
import CDBPipeline
import ServiceRuntime

extension StatusPage {
  /// `/` is the page, `/events` tells of what changes on it, `/playbooks/` has the pages that it leads to.
  nonisolated var routes: [EndpointRoute] {
    [
      EndpointRoute("GET", "/") { [self] request in
        let language = Self.language(of: request)
        var answer = EndpointResponse.page(await page(language), language, policy: document.securityPolicy)
        answer.headers.append(("Vary", "Accept-Language"))
        return answer
      },
      EndpointRoute("GET", "/events") { [self] request in
        guard await hasRoom else {
          var answer = EndpointResponse.error(
            503, "unavailable", "as many watch this page as may at once; close one, or try again later")
          answer.headers.append(("Retry-After", "5"))
          return answer
        }
        let language = Self.language(of: request)
        let after = step(request.header("last-event-id") ?? request.query.first { $0.name == "after" }?.value)
        return EndpointResponse(
          headers: [("Content-Type", "text/event-stream"), ("X-Accel-Buffering", "no")],
          body: .stream { [self] send in try await stream(language, after: after, send) })
      },
      PlaybookDocument.route,
    ]
  }

  /// Tells one who watches, until he goes or the page ends.
  private nonisolated func stream(
    _ language: Language, after: UInt64, _ send: @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    guard let (key, wakes) = await watch(language) else { return }
    do {
      try await tell(language, after: after, wakes, send)
    } catch {
      await leave(key)
      throw error
    }
    await leave(key)
  }

  private nonisolated func tell(
    _ language: Language, after: UInt64, _ wakes: AsyncStream<Void>,
    _ send: @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    var told = after
    var lastBeat: UInt64?
    let edition = ServerSentEvent(name: "edition", text: document.editions[language] ?? "")
    try await send(Array("retry: 1000\n".utf8) + edition.bytes)
    for await _ in wakes {
      var bytes: [UInt8] = []
      for change in await changes(after: told, language) {
        told = change.rendered.step
        bytes +=
          ServerSentEvent(
            name: change.section.rawValue, text: change.rendered.html.text, id: "\(origin)-\(told)"
          ).bytes
      }
      let now = ProcessClock.monotonic()
      if !bytes.isEmpty || lastBeat.map({ now &- $0 >= Self.beat }) ?? true {
        lastBeat = now
        bytes += ServerSentEvent(name: "beat", text: "\(ProcessClock.wall().nanoseconds / 1_000_000)").bytes
        try await send(bytes)
      }
    }
  }

  /// The step that a reader was told of last; 0 for one of another process.
  private nonisolated func step(_ position: String?) -> UInt64 {
    guard let parts = position?.split(separator: "-"), parts.count == 2, parts[0] == origin,
      let step = UInt64(parts[1])
    else { return 0 }
    return step
  }

  /// The language that is asked for by the query, otherwise the one that the browser prefers; English where neither
  /// names one that there is.
  static func language(of request: EndpointRequest) -> Language {
    if let name = request.query.last(where: { $0.name == "language" })?.value,
      let language = Language(rawValue: name)
    {
      return language
    }
    return preferred(request.header("accept-language") ?? "")
  }

  /// By RFC 9110 section 12.5.4: the highest weight wins, of equal ones the first.
  static func preferred(_ header: String) -> Language {
    var best: (language: Language, weight: Double)?
    for item in header.prefix(1_000).split(separator: ",") {
      let parts = item.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
      guard let tag = parts.first?.split(separator: "-").first.map({ $0.lowercased() }),
        let language = Language(rawValue: tag)
      else { continue }
      let named = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }
      let weight = named.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      guard weight > 0, weight <= 1, weight > best?.weight ?? 0 else { continue }
      best = (language, weight)
    }
    return best?.language ?? .en
  }
}
