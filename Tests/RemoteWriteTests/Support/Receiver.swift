import Foundation
import HTTPServerFixture
import OpenMetrics
import RemoteWrite
import Synchronization

/// A receiver of remote write that decodes every request, holds it against the rules, and keeps what it accepts.
final class Receiver: Sendable {
  /// A request as it came.
  struct Received: Sendable {
    var headers: [String: String]
    var body: [UInt8]
    var request: WriteRequest
    /// Seconds since the receiver began.
    var time: Double
    var status: Int
  }

  private struct State {
    var received: [Received] = []
    var faults: [String] = []
    var series: [SeriesLabels: [WriteRequest.Sample]] = [:]
    var accepted = 0
    var repeated = 0
  }

  /// What is answered to the request with this number, from 0; nil accepts it.
  typealias Script = @Sendable (Int, HTTPServer.Request) -> HTTPServer.Answer?

  private let state: StateBox
  private let server: HTTPServer

  private final class StateBox: Sendable {
    let value = Mutex(State())
    let begun = ContinuousClock.now
  }

  var url: String { server.url + "/api/v1/write" }
  var port: UInt16 { server.port }
  var received: [Received] { state.value.withLock { $0.received } }
  /// What was not as it must be.
  var faults: [String] { state.value.withLock { $0.faults } }
  /// The samples of each series in the order of their coming; those that came again not among them.
  var series: [SeriesLabels: [WriteRequest.Sample]] { state.value.withLock { $0.series } }
  var accepted: Int { state.value.withLock { $0.accepted } }
  var repeated: Int { state.value.withLock { $0.repeated } }

  init(port: UInt16 = 0, script: @escaping Script = { _, _ in nil }) throws {
    let state = StateBox()
    self.state = state
    server = try HTTPServer(port: port) { request in
      Self.answer(request, state, script)
    }
  }

  func stop() { server.stop() }

  /// The values of one series, by metric name and further labels.
  func samples(_ name: String, _ labels: [String: String] = [:]) -> [WriteRequest.Sample] {
    series.first { series, _ in
      series[SeriesLabels.nameLabel] == name && labels.allSatisfy { series[$0.key] == $0.value }
    }?.value ?? []
  }

  private static func answer(
    _ request: HTTPServer.Request, _ box: StateBox, _ script: Script
  ) -> HTTPServer.Answer {
    let number = box.value.withLock { $0.received.count }
    let elapsed = Double((ContinuousClock.now - box.begun) / .milliseconds(1)) / 1000
    let decoded: WriteRequest
    do {
      decoded = try WriteRequest(body: request.body)
    } catch {
      box.value.withLock { $0.faults.append("request \(number): \(error)") }
      return .status(400, "\(error)")
    }
    let answer = script(number, request) ?? .status(204)
    box.value.withLock { state in
      state.received.append(
        Received(
          headers: request.headers, body: request.body, request: decoded, time: elapsed,
          status: answer.isReset ? 0 : answer.status))
      state.faults += faults(of: request, decoded).map { "request \(number): \($0)" }
      if (200..<300).contains(answer.status), !answer.isReset { accept(decoded, number, &state) }
    }
    return answer
  }

  private static func accept(_ request: WriteRequest, _ number: Int, _ state: inout State) {
    for series in request.series {
      let labels = SeriesLabels(series.labels)
      for sample in series.samples {
        let last = state.series[labels]?.last
        if let last, last.time == sample.time, last.bits == sample.bits {
          state.repeated += 1
          continue
        }
        if let last, last.time >= sample.time {
          let isOld = state.series[labels]?.contains(sample) == true
          state.faults.append("request \(number): \(labels) goes back in time, \(isOld ? "again" : "new")")
          continue
        }
        state.series[labels, default: []].append(sample)
        state.accepted += 1
      }
    }
  }

  /// The rules of a request by itself.
  private static func faults(of request: HTTPServer.Request, _ decoded: WriteRequest) -> [String] {
    var faults: [String] = []
    for (name, value) in [
      ("content-encoding", "snappy"), ("content-type", "application/x-protobuf"),
      ("x-prometheus-remote-write-version", "0.1.0"),
    ] where request.headers[name] != value {
      faults.append("\(name) is \(request.headers[name] ?? "missing")")
    }
    if request.headers["user-agent"]?.isEmpty != false { faults.append("no User-Agent") }
    if !request.line.hasPrefix("POST ") { faults.append(request.line) }
    var seen = Set<SeriesLabels>()
    for series in decoded.series {
      let names = series.labels.map { Array($0.name.utf8) }
      if !zip(names, names.dropFirst()).allSatisfy({ $0.lexicographicallyPrecedes($1) }) {
        faults.append("labels are not sorted, or twice: \(series.labels)")
      }
      if series.labels.contains(where: { $0.name.isEmpty || $0.value.isEmpty }) {
        faults.append("an empty label")
      }
      if !series.labels.contains(where: { $0.name == "__name__" }) { faults.append("no name") }
      if series.samples.count + series.histograms.count != 1 {
        faults.append("\(series.samples.count) samples in a message")
      }
      if !seen.insert(SeriesLabels(series.labels)).inserted { faults.append("a series twice in a batch") }
    }
    return faults
  }
}
