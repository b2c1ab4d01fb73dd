import OpenMetrics

/// A request of a sender, without the server that took it.
public struct Push: Sendable {
  /// The header `Content-Type`.
  public var contentType: String?
  /// The header `Content-Encoding`.
  public var contentEncoding: String?
  public var body: [UInt8]
  /// The arguments of the query: `extra_label=NAME=VALUE`, a label that every series gets, over one that it has, as often as one
  /// likes; and for text `timestamp`, in milliseconds, of samples without one. Others mean nothing.
  ///
  /// Source: docs.victoriametrics.com/victoriametrics/single-server-victoriametrics, "How to import data in Prometheus exposition format"
  public var arguments: [(name: String, value: String)]

  public init(
    contentType: String? = nil, contentEncoding: String? = nil, body: [UInt8],
    arguments: [(name: String, value: String)] = []
  ) {
    self.contentType = contentType
    self.contentEncoding = contentEncoding
    self.body = body
    self.arguments = arguments
  }

  func extraLabels() throws(PushFault) -> [Label] {
    var labels: [Label] = []
    for (name, value) in arguments where name == "extra_label" {
      let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw .malformed("extra_label \(value) is not NAME=VALUE")
      }
      labels.append(Label(String(parts[0]), String(parts[1])))
    }
    guard labels.count <= 64, labels.allSatisfy({ $0.value.utf8.count <= 8_192 }) else {
      throw .malformed("too many or too long extra_labels")
    }
    return labels
  }

  /// Of samples without a time; nil for now.
  func time() throws(PushFault) -> Int64? {
    guard let text = arguments.last(where: { $0.name == "timestamp" })?.value else { return nil }
    guard let time = Int64(text) else { throw .malformed("timestamp \(text) is not milliseconds") }
    return time
  }

  /// The version of remote write that it says it is.
  ///
  /// Source: prometheus.io/docs/specs/prw/remote_write_spec_2_0, "Protobuf Message"
  var version: WriteProtocol? {
    // Senders before that rule say nothing.
    guard let contentType, !contentType.isEmpty else { return .version1 }
    let parts = contentType.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
    guard parts.first?.lowercased() == "application/x-protobuf" else { return nil }
    for part in parts.dropFirst() where part.lowercased().hasPrefix("proto=") {
      return WriteProtocol(rawValue: String(part.dropFirst("proto=".count)).filter { $0 != "\"" })
    }
    return .version1
  }

  var isOpenMetrics: Bool {
    (contentType ?? "").prefix { $0 != ";" }.lowercased().filter { $0 != " " }
      == "application/openmetrics-text"
  }

  /// The body, unpacked.
  ///
  /// - Parameter limit: of it, in bytes.
  func content(packedAs encodings: [String], limit: Int) throws(PushFault) -> [UInt8] {
    let encoding = (contentEncoding ?? "").lowercased().filter { $0 != " " }
    // Where there is only one way, who says nothing means it.
    let way = encoding.isEmpty && encodings.count == 1 ? encodings[0] : encoding
    guard encodings.contains(way) else {
      throw .unsupported("Content-Encoding \(encoding), of \(encodings.filter { !$0.isEmpty })")
    }
    switch way {
    case "snappy":
      do throws(SnappyBlock.Fault) {
        return try SnappyBlock.decompress(body, limit: limit)
      } catch {
        if case .tooLarge = error { throw .tooLarge("\(error)") }
        throw .malformed("\(error)")
      }
    case "gzip": return try GzipBody.decompress(body, limit: limit)
    default:
      guard body.count <= limit else { throw .tooLarge("more than \(limit) bytes") }
      return body
    }
  }
}

/// What a sender is answered.
public struct PushAnswer: Sendable, Equatable {
  public var result: PushResult
  /// For people; empty where all went well.
  public var words = ""
  /// What the endpoints' queues have of it.
  public var samples = 0
  public var histograms = 0
  public var exemplars = 0
  /// Whether the sender speaks remote write 2.0 and is told what was written.
  public var tellsWritten = false

  /// The HTTP status.
  ///
  /// A queue that is full is no reason for 429, after which Prometheus throws away what it has unless it is told otherwise.
  public var status: Int {
    switch result {
    case .ok: 204
    case .partial, .malformed: 400
    case .unsupported: 415
    case .tooLarge: 413
    case .full, .unavailable: 503
    }
  }

  /// Headers beside those that every answer has.
  public var headers: [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = []
    // In seconds: long enough for a receiver to take something meanwhile.
    if status == 503 { headers.append(("Retry-After", "5")) }
    if tellsWritten {
      for (kind, count) in [("Samples", samples), ("Histograms", histograms), ("Exemplars", exemplars)] {
        headers.append(("X-Prometheus-Remote-Write-\(kind)-Written", "\(count)"))
      }
    }
    return headers
  }
}

extension PushAnswer {
  /// An answer without anything written.
  public init(_ result: PushResult, _ words: String = "") { self.init(result: result, words: words) }
}
