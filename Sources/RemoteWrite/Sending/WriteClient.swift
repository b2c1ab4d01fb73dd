import Foundation
import HTTPTransport

/// Sends single requests to one receiver, and says what came of each.
struct WriteClient: Sendable {
  /// What came of a request, and what the receiver says it has written of it, where it is one that says so.
  struct Result: Sendable {
    var outcome: DeliveryOutcome
    var written: Int?
  }

  let endpoint: WriteEndpoint
  let client: HTTPClient
  let userAgent: String

  /// - Parameters:
  ///   - body: a request of the version, in a snappy block.
  ///   - isKnown: whether the receiver has understood this version before.
  ///   - attempt: 0 for the first one.
  ///   - now: milliseconds since the epoch.
  func send(
    _ body: [UInt8], _ version: WriteProtocol, isKnown: Bool, attempt: Int, now: Int64
  ) async -> Result {
    var headers: [(name: String, value: String)] = [
      ("Content-Encoding", "snappy"), ("Content-Type", version.contentType), ("User-Agent", userAgent),
      ("X-Prometheus-Remote-Write-Version", version.version),
    ]
    if attempt > 0 { headers.append(("Retry-Attempt", "\(attempt)")) }
    do {
      if let authorization = endpoint.access.authorization {
        headers.append(("Authorization", try authorization.header()))
      }
    } catch {
      return Result(outcome: .failure(words: "\(error)", mayHaveArrived: false))
    }
    headers += endpoint.access.headers.map { ($0.name, $0.value) }
    let request = HTTPRequest(
      method: "POST", url: endpoint.url, headers: headers, body: body,
      timeouts: HTTPTimeouts(
        connect: .milliseconds(min(endpoint.timeout, 10_000)), total: .milliseconds(endpoint.timeout)),
      maximumResponseBytes: 1 << 20, proxy: endpoint.access.proxy)
    do {
      return Self.result(try await client.send(request), version, isKnown: isKnown, now: now)
    } catch {
      return Result(outcome: .failure(words: "\(error)", mayHaveArrived: Self.mayHaveArrived(error)))
    }
  }

  private static func result(
    _ response: HTTPResponse, _ version: WriteProtocol, isKnown: Bool, now: Int64
  ) -> Result {
    let words = words(of: response)
    var written: WrittenCounts?
    if version == .version2 {
      written = WrittenCounts(response)
      let isAccepted = (200..<300).contains(response.status)
      // Receivers of 1.0 cannot read it and say 400, or read nothing and say yes.
      if response.status == 415 || (response.status == 400 && !isKnown) || (isAccepted && written == nil) {
        return Result(outcome: .notUnderstood(words: "HTTP status \(response.status): \(words)"))
      }
    }
    let retryAfter = response.header("retry-after").flatMap { RetryAfter.milliseconds($0, now: now) }
    return Result(
      outcome: .answer(status: response.status, retryAfter: retryAfter, words: words),
      written: written?.samples)
  }

  private static func mayHaveArrived(_ error: HTTPTransportError) -> Bool {
    switch error {
    case .cannotResolve, .cannotConnect, .invalidRequest, .tls: false
    case .timedOut, .responseTooLarge, .broken, .cancelled, .shutDown: true
    }
  }

  /// The first 1024 characters of the body, without control characters.
  private static func words(of response: HTTPResponse) -> String {
    let text = String(decoding: response.body.prefix(4_096), as: UTF8.self)
    let shown = text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : Character($0) }
    return String(String(shown).trimmingCharacters(in: .whitespaces).prefix(1_024))
  }
}

extension DeliveryOutcome {
  /// For a metric's label: one of ``EndpointStatistics/results``.
  var kind: String {
    switch self {
    case .answer(let status, _, _):
      status == 429 ? "429" : (2...5).contains(status / 100) ? "\(status / 100)xx" : "failure"
    case .notUnderstood: "not_understood"
    case .failure: "failure"
    }
  }
}
