import Synchronization

/// How an endpoint is, as the bridge shows it.
public struct EndpointStatistics: Sendable, Equatable {
  public internal(set) var name = ""
  public internal(set) var url = ""
  /// Samples since the queue was made.
  public internal(set) var enqueued: UInt64 = 0
  public internal(set) var ledger = EndpointLedger()
  /// Samples that the disk did not take, since the start.
  public internal(set) var failed: UInt64 = 0
  public internal(set) var queueBytes = 0
  /// When the oldest sample that waits was enqueued; milliseconds since the epoch.
  public internal(set) var oldest: Int64?
  /// How many batches may be under way at a time, what that would be without bounds, and these.
  public internal(set) var shards = 1
  public internal(set) var desiredShards = 1.0
  public internal(set) var fewestShards = 1
  public internal(set) var mostShards = 1
  /// Requests since the start, by what came of them: `2xx`, `4xx`, `429`, `5xx`, `3xx`, `failure`.
  public internal(set) var requests: [String: UInt64] = [:]
  /// Every key of ``requests``.
  public static let results = ["2xx", "3xx", "4xx", "429", "5xx", "not_understood", "failure"]
  /// Samples of accepted batches that a receiver of 2.0 says it has not written, since the start.
  public internal(set) var unwritten: UInt64 = 0
  /// Those of them that repeat one.
  public internal(set) var retries: UInt64 = 0
  /// Bytes of bodies, repetitions included.
  public internal(set) var sentBytes: UInt64 = 0
  /// Milliseconds since the epoch.
  public internal(set) var lastSuccess: Int64?
  /// Since the last success; nil where all is well.
  public internal(set) var lastError: String?

  /// Samples that wait.
  public var pending: UInt64 { enqueued - min(ledger.total, enqueued) }
}

/// The same, shared between the sender and who looks.
final class EndpointStatus: Sendable {
  private let state: Mutex<EndpointStatistics>

  init(_ endpoint: WriteEndpoint) {
    var statistics = EndpointStatistics()
    statistics.name = endpoint.name
    statistics.url = endpoint.shownURL
    statistics.shards = endpoint.queue.fewestShards
    statistics.desiredShards = Double(endpoint.queue.fewestShards)
    statistics.fewestShards = endpoint.queue.fewestShards
    statistics.mostShards = endpoint.queue.mostShards
    state = Mutex(statistics)
  }

  func update(_ change: (inout EndpointStatistics) -> Void) { state.withLock { change(&$0) } }

  var statistics: EndpointStatistics { state.withLock { $0 } }
}
