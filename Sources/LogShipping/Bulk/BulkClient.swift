import Foundation
import HTTPTransport
import Synchronization
import TaskTiming

/// Sends single requests, and says what came of each.
final class BulkClient: Sendable {
  private let target: BulkTarget
  private let client: HTTPClient
  private let userAgent: String
  private let clock: TaskClock
  private let path: String
  /// Which of the servers is asked.
  private let node = Atomic<Int>(0)

  init(target: BulkTarget, userAgent: String, clock: TaskClock) {
    self.target = target
    self.userAgent = userAgent
    self.clock = clock
    client = HTTPClient(tls: target.tls)
    // The index of a dead letter may be one that a line has named.
    let index = target.index.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? target.index
    // Without what is not read of the answer, which would be as long as the request.
    path =
      "/\(index)/_bulk?filter_path=errors,items.*.status,items.*.error,items.*.failure_store,error,status"
  }

  func shutdown() { client.shutdown() }

  /// What is sent of documents.
  func body(_ documents: [UInt8]) -> BulkBody {
    BulkBody(documents, compressionLevel: target.compressionLevel)
  }

  /// Sends documents that are to be created.
  ///
  /// - Parameter count: how many they are.
  func send(_ body: BulkBody, count: Int) async -> BulkOutcome {
    let response: HTTPResponse
    do {
      response = try await request(
        "POST", path, body.bytes, type: "application/x-ndjson", isCompressed: body.isCompressed)
    } catch {
      return .failure(words: "\(error)")
    }
    let retryAfter = response.header("retry-after").flatMap {
      RetryAfter.milliseconds($0, now: clock.wall())
    }
    switch response.status {
    case 200..<300:
      guard let verdicts = BulkAnswer.verdicts(response.body, count: count) else {
        return .unreadable(
          words: "the answer is not one to \(count) documents: \(Self.words(of: response))")
      }
      return .verdicts(verdicts, retryAfter: retryAfter)
    case 413: return .tooLarge(words: "HTTP status 413: \(Self.words(of: response))")
    case 408, 425, 429, 500...:
      nextNode()
      return .unavailable(
        status: response.status, words: "HTTP status \(response.status): \(Self.words(of: response))",
        retryAfter: retryAfter)
    default:
      return .forbidden(
        status: response.status, words: "HTTP status \(response.status): \(Self.words(of: response))",
        retryAfter: retryAfter)
    }
  }

  /// Sends a request to the server whose turn it is.
  func request(
    _ method: String, _ path: String, _ body: [UInt8], type: String, isCompressed: Bool = false
  ) async throws -> HTTPResponse {
    var headers: [(name: String, value: String)] = [("Content-Type", type), ("User-Agent", userAgent)]
    if isCompressed { headers.append(("Content-Encoding", "gzip")) }
    if let authorization = try target.authorization() { headers.append(("Authorization", authorization)) }
    let url = target.urls[node.load(ordering: .relaxed) % target.urls.count]
    let request = HTTPRequest(
      method: method, url: url + path, headers: headers, body: body,
      timeouts: HTTPTimeouts(
        connect: .milliseconds(min(target.timeout, 10_000)), total: .milliseconds(target.timeout)),
      maximumResponseBytes: 64 << 20)
    do {
      return try await client.send(request)
    } catch {
      nextNode()
      throw error
    }
  }

  private func nextNode() {
    let now = node.load(ordering: .relaxed)
    // Two requests that fail on one server go on to the same next one.
    _ = node.compareExchange(expected: now, desired: (now + 1) % target.urls.count, ordering: .relaxed)
  }

  /// The first 1024 characters of the body, without control characters.
  static func words(of response: HTTPResponse) -> String {
    let text = String(decoding: response.body.prefix(4_096), as: UTF8.self)
    let shown = text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : Character($0) }
    return String(String(shown).trimmingCharacters(in: .whitespaces).prefix(ItemVerdict.longestWords))
  }
}

extension BulkOutcome {
  /// Every value of ``result``.
  static let results = ["ok", "partial", "413", "429", "4xx", "5xx", "unreadable", "failure"]

  /// For a metric's label.
  var result: String {
    switch self {
    case .verdicts(let verdicts, _):
      let isDone = verdicts.allSatisfy { if case .later = $0 { false } else { true } }
      return isDone ? "ok" : "partial"
    case .tooLarge: return "413"
    case .forbidden: return "4xx"
    case .unavailable(let status, _, _): return status == 429 ? "429" : status < 500 ? "4xx" : "5xx"
    case .unreadable: return "unreadable"
    case .failure: return "failure"
    }
  }

  /// What is wrong; nil where nothing is.
  var problem: String? {
    switch self {
    case .verdicts(let verdicts, _):
      for case .later(let status, let words) in verdicts { return "item status \(status): \(words)" }
      return nil
    case .tooLarge(let words), .unreadable(let words), .failure(let words): return words
    case .forbidden(_, let words, _), .unavailable(_, let words, _): return words
    }
  }
}
