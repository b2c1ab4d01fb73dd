/// The versions of remote write, by the message of their requests.
public enum WriteProtocol: String, Sendable, Equatable, Codable, CaseIterable {
  case version1 = "prometheus.WriteRequest"
  case version2 = "io.prometheus.write.v2.Request"

  var contentType: String {
    switch self {
    case .version1: "application/x-protobuf"
    case .version2: "application/x-protobuf;proto=io.prometheus.write.v2.Request"
    }
  }

  /// The value of `X-Prometheus-Remote-Write-Version`.
  var version: String {
    switch self {
    case .version1: "0.1.0"
    case .version2: "2.0.0"
    }
  }
}
