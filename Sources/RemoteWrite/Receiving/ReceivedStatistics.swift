/// Why a sample that was pushed goes no further.
public enum PushRefusal: String, Sendable, Hashable, CaseIterable {
  /// The labels of its series are none: doubled, without a name, too many or too long.
  case labels
  /// Its names are not those of remote write 1.0.
  case unsendable
  /// It is not after another one of its series in the same request, or has another value at the same time.
  case outOfOrder = "out_of_order"
  /// It is another one of the same request, once more. The sender is not to blame for it.
  case duplicate
  /// It is a native histogram that no receiver would take.
  case histogram
  /// `write_relabel_configs` of every endpoint drop it.
  case relabelled
  /// It is a native histogram, and no endpoint wants those.
  case unwantedHistogram = "unwanted_histogram"
}

/// The forms in which senders push.
public enum PushFormat: String, Sendable, Hashable, CaseIterable {
  case remoteWrite1 = "1.0"
  case remoteWrite2 = "2.0"
  case text
}

/// What became of a request.
public enum PushResult: String, Sendable, Hashable, CaseIterable {
  case ok
  /// Something in it was left out, for which the sender is to blame.
  case partial
  case malformed
  case unsupported
  case tooLarge = "too_large"
  /// An endpoint's queue has no room for it.
  case full
  /// A disk did not take it, the bridge is ending, or there is no endpoint.
  case unavailable
}

/// What senders have pushed since the start.
public struct ReceivedStatistics: Sendable, Equatable {
  public struct Format: Sendable, Equatable {
    public internal(set) var requests: [PushResult: UInt64] = [:]
    /// Samples and native histograms that the queues took, once whatever the number of endpoints.
    public internal(set) var samples: UInt64 = 0
    public internal(set) var exemplars: UInt64 = 0
    /// Bodies as they came.
    public internal(set) var bytes: UInt64 = 0
    /// When something was taken last; milliseconds since the epoch.
    public internal(set) var lastSuccess: Int64?
  }

  /// Formats that something was pushed in.
  public internal(set) var formats: [PushFormat: Format] = [:]
  /// Samples that were not taken.
  public internal(set) var refused: [PushRefusal: UInt64] = [:]
  /// Of the last request that was not taken as a whole; nil where all is well.
  public internal(set) var lastError: String?

  public init() {}
}
