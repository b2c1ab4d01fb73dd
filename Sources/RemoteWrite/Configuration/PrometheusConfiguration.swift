import HTTPTransport
import OpenMetrics

/// What is taken from a `prometheus.yml`: `global`, `scrape_configs` and `remote_write`.
///
/// Durations are milliseconds. Source: prometheus.io/docs/prometheus/latest/configuration/configuration
public struct PrometheusConfiguration: Sendable {
  /// Added to every series that has no label of the name, before it is sent.
  public internal(set) var externalLabels = SeriesLabels()
  public internal(set) var jobs: [ScrapeJob] = []
  public internal(set) var endpoints: [WriteEndpoint] = []
  /// What the file asks for and does not get, and secrets that stand in it.
  public internal(set) var notices: [ConfigurationNotice] = []
}

/// An entry of `scrape_configs`.
public struct ScrapeJob: Sendable {
  public internal(set) var name: String
  public internal(set) var interval: Int64
  public internal(set) var timeout: Int64
  public internal(set) var path = "/metrics"
  public internal(set) var scheme = "http"
  public internal(set) var parameters: [(name: String, values: [String])] = []
  public internal(set) var honorLabels = false
  public internal(set) var honorTimestamps = true
  public internal(set) var tracksTimestampsStaleness = false
  public internal(set) var groups: [TargetGroup] = []
  /// Where further targets come from.
  public internal(set) var discoveries: [DiscoverySource] = []
  /// How many of the targets that a rule drops are shown; 0 shows all.
  public internal(set) var keptDroppedTargets = 0
  /// What targets are asked for, the most wanted first.
  public internal(set) var protocols = ScrapeProtocol.standard
  /// Whether histograms that are native as well are taken with their classic buckets too.
  public internal(set) var takesClassicHistograms = false
  public internal(set) var targetRules: [RelabelRule] = []
  public internal(set) var metricRules: [RelabelRule] = []
  public internal(set) var access = HTTPAccess()
  public internal(set) var limits = ScrapeLimits()

  init(name: String, interval: Int64, timeout: Int64) {
    self.name = name
    self.interval = interval
    self.timeout = timeout
  }
}

/// Addresses that share labels.
public struct TargetGroup: Sendable, Hashable {
  public var addresses: [String]
  public var labels: [Label]

  public init(addresses: [String], labels: [Label] = []) {
    self.addresses = addresses
    self.labels = labels
  }
}

/// What a target may expose; 0 is no limit. A scrape beyond one fails as a whole.
public struct ScrapeLimits: Sendable, Hashable {
  /// Samples that metric relabelling leaves.
  public var samples = 0
  /// Of the body, unpacked.
  public var bodyBytes = 0
  public var labels = 0
  public var labelNameBytes = 0
  public var labelValueBytes = 0
  /// Of a job; beyond it none of its targets is scraped.
  public var targets = 0

  public init() {}
}

/// How a peer is reached, beside its address.
public struct HTTPAccess: Sendable, Equatable {
  public var authorization: RequestAuthorization?
  public var tls = TLSOptions()
  /// Prometheus heeds the environment only where the file says so.
  public var proxy = HTTPProxy.none
  public var headers: [HTTPField] = []

  public init() {}

  /// The header `Authorization`, where there is one, and ``headers``.
  ///
  /// - Throws: ``SecretText/Unreadable``
  func fields() throws -> [(name: String, value: String)] {
    let own = try authorization.map { [(name: "Authorization", value: try $0.header())] } ?? []
    return own + headers.map { ($0.name, $0.value) }
  }
}

/// A header of a request.
public struct HTTPField: Sendable, Equatable {
  public var name: String
  public var value: String
}

/// An entry of `remote_write`.
public struct WriteEndpoint: Sendable, Equatable {
  /// Of its folder and its metrics: the `name`, or a hash of the URL.
  public internal(set) var name: String
  public internal(set) var url: String
  public internal(set) var timeout: Int64 = 30_000
  public internal(set) var rules: [RelabelRule] = []
  public internal(set) var access = HTTPAccess()
  public internal(set) var queue = QueueSettings()
  /// What is spoken first; where the receiver does not understand 2.0 it gets 1.0.
  public internal(set) var message = WriteProtocol.version1
  /// Whether exemplars are sent, and native histograms; not every receiver takes them.
  public internal(set) var sendsExemplars = false
  public internal(set) var sendsHistograms = false
  /// How often what targets say of their metrics is sent, in milliseconds; nil for never.
  public internal(set) var metadataInterval: Int64? = 60_000

  public init(name: String, url: String, queue: QueueSettings = QueueSettings()) {
    self.name = name
    self.url = url
    self.queue = queue
  }
}

/// `queue_config` of an endpoint.
public struct QueueSettings: Sendable, Equatable {
  /// Samples a batch. More than Prometheus's 2,000 unless the file says so: each batch is a request and a write to the disk that is
  /// waited for.
  public var samplesPerBatch = 10_000
  /// How long a batch that is not full waits for more, in milliseconds. Shorter than Prometheus's 5 s unless the file says
  /// so: nothing is saved by waiting, since what waits is on disk.
  public var batchDeadline: Int64 = 500
  /// How many batches may be under way at a time: how many at least, and at most, as many as are needed to keep up.
  public var fewestShards = 1
  public var mostShards = Self.shardLimit
  /// More than so many are as many.
  public static let shardLimit = 16
  /// The pause after the first failure, in milliseconds; it doubles with each.
  public var shortestPause: Int64 = 30
  public var longestPause: Int64 = 5_000
  /// Whether 429 is tried again. Prometheus drops unless told otherwise; here it is the other way round.
  public var retriesOnTooManyRequests = true

  public init() {}
}

extension WriteEndpoint {
  /// The URL without a user's name and password.
  public var shownURL: String { url.withoutUserInformation }
}

extension String {
  /// A URL without a user's name and password.
  var withoutUserInformation: String {
    guard let scheme = firstRange(of: "://") else { return self }
    let rest = self[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard let at = authority.lastIndex(of: "@") else { return self }
    return String(self[..<scheme.upperBound] + rest[rest.index(after: at)...])
  }
}
