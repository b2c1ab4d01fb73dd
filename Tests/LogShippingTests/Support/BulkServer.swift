import Foundation
import HTTPServerFixture
import Synchronization

@testable import LogShipping

/// A server of `_bulk`, `_refresh` and `_search` by ids that can fail in every way. It keeps what it was given, by id.
final class BulkServer: Sendable {
  /// What is said of one document instead of taking it.
  struct Refusal: Sendable {
    var status: Int
    var type = "error"
    var reason = "no"
  }

  /// A request with documents.
  struct Request: Sendable {
    /// From 0.
    var number: Int
    var headers: [String: String]
    var ids: [String]
    /// Of the body, as it came.
    var bytes: Int
    var time: ContinuousClock.Instant
  }

  /// Answers a request by itself; nil lets it through. What it answers is said instead of what was done, when `isDone`.
  struct Interruption: Sendable {
    var answer: HTTPServer.Answer
    /// Whether the documents are taken nevertheless.
    var isDone = false
  }

  struct State: Sendable {
    var documents: [String: [UInt8]] = [:]
    var order: [String] = []
    /// Where documents went, by id.
    var indices: [String: String] = [:]
    var requests: [Request] = []
    var faults: [String] = []
    /// How many documents came that were there already.
    var repeated = 0
    /// Ids that a search finds twice.
    var doubled: Set<String> = []
  }

  typealias Interrupt = @Sendable (Int, HTTPServer.Request) -> Interruption?
  typealias Refuse = @Sendable (Int, String, ArraySlice<UInt8>) -> Refusal?

  private final class Box: Sendable { let state = Mutex(State()) }

  private let box: Box
  private let server: HTTPServer

  var url: String { server.url }
  var port: UInt16 { server.port }
  var state: State { box.state.withLock { $0 } }
  /// The documents in the order of their coming.
  var documents: [[String: Any]] {
    let state = state
    return state.order.map { id in
      (try? JSONSerialization.jsonObject(with: Data(state.documents[id] ?? []))) as? [String: Any] ?? [:]
    }
  }
  var messages: [String] { documents.map { $0["message"] as? String ?? "" } }

  init(
    port: UInt16 = 0, index: String = "logs-test", interrupt: @escaping Interrupt = { _, _ in nil },
    refuse: @escaping Refuse = { _, _, _ in nil }
  ) throws {
    let box = Box()
    self.box = box
    server = try HTTPServer(port: port) { request in
      if request.line.contains("/_refresh") { return .json("{}") }
      if request.line.contains("/_search") { return Self.search(request, box) }
      return Self.bulk(request, index, box, interrupt, refuse)
    }
  }

  func stop() { server.stop() }

  func change(_ body: (inout State) -> Void) { box.state.withLock { body(&$0) } }

  private static func bulk(
    _ request: HTTPServer.Request, _ index: String, _ box: Box, _ interrupt: Interrupt, _ refuse: Refuse
  ) -> HTTPServer.Answer {
    let isCompressed = request.headers["content-encoding"] == "gzip"
    guard let body = isCompressed ? Gzip.unpack(request.body) : request.body else {
      return .status(400, "gzip")
    }
    let lines = lines(of: body)
    var pairs: [(id: String, index: String, document: ArraySlice<UInt8>)] = []
    var faults: [String] = []
    if !request.line.hasPrefix("POST /\(index)/_bulk") { faults.append(request.line) }
    if request.headers["content-type"] != "application/x-ndjson" { faults.append("content type") }
    if body.last != 10 { faults.append("no final newline") }
    if lines.count % 2 != 0 { faults.append("\(lines.count) lines") }
    let standard = index
    for index in stride(from: 0, to: lines.count - 1, by: 2) {
      let action = String(decoding: lines[index], as: UTF8.self)
      guard action.hasPrefix("{\"create\":{\"_id\":\""), action.hasSuffix("\"}}") else {
        faults.append("action \(action)")
        continue
      }
      let parts = action.dropFirst(18).dropLast(3).components(separatedBy: "\",\"_index\":\"")
      pairs.append((parts[0], parts.count > 1 ? parts[1] : standard, lines[index + 1]))
    }
    let number = box.state.withLock { state in
      state.faults += faults
      state.requests.append(
        Request(
          number: state.requests.count, headers: request.headers, ids: pairs.map(\.id),
          bytes: request.body.count, time: .now))
      return state.requests.count - 1
    }
    let interruption = interrupt(number, request)
    if let interruption, !interruption.isDone { return interruption.answer }
    var items: [String] = []
    var hasErrors = false
    for (id, index, document) in pairs {
      let refusal = refuse(number, id, document)
      let status = box.state.withLock { state in
        if let refusal { return refusal.status }
        if state.documents[id] != nil {
          state.repeated += 1
          return 409
        }
        state.documents[id] = Array(document)
        state.order.append(id)
        state.indices[id] = index
        return 201
      }
      if status < 300 {
        items.append("{\"create\":{\"_id\":\"\(id)\",\"status\":\(status)}}")
      } else {
        hasErrors = true
        let type = refusal?.type ?? "version_conflict_engine_exception"
        items.append(
          "{\"create\":{\"status\":\(status),\"error\":{\"type\":\"\(type)\",\"reason\":\"\(refusal?.reason ?? "there")\"}}}"
        )
      }
    }
    if let interruption { return interruption.answer }
    return .json("{\"took\":1,\"errors\":\(hasErrors),\"items\":[\(items.joined(separator: ","))]}")
  }

  private static func lines(of body: [UInt8]) -> [ArraySlice<UInt8>] {
    body.withUnsafeBytes { bytes in
      var lines: [ArraySlice<UInt8>] = []
      var start = 0
      while let line = LineCutter.next(in: bytes, from: start) {
        lines.append(body[start..<line.end - 1])
        start = line.end
      }
      return lines
    }
  }

  private static func search(_ request: HTTPServer.Request, _ box: Box) -> HTTPServer.Answer {
    let query = (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [String: Any]
    let ids = ((query?["query"] as? [String: Any])?["ids"] as? [String: Any])?["values"] as? [String] ?? []
    let state = box.state.withLock { $0 }
    let hits = ids.filter { state.documents[$0] != nil } + ids.filter { state.doubled.contains($0) }
    let shown = hits.map { "{\"_index\":\"logs-test\",\"_id\":\"\($0)\"}" }.joined(separator: ",")
    return .json("{\"hits\":{\"total\":{\"value\":\(hits.count)},\"hits\":[\(shown)]}}")
  }
}

extension HTTPServer.Answer {
  static func json(_ text: String) -> Self { .text(text, type: "application/json") }
}
