import CDBDomain

/// The edges of the pipeline.
public enum StreamName: String, Sendable, Hashable, CaseIterable, Codable {
  /// ws → core, partitioned by instrument.
  case marketData = "market_data"
  /// core → risk, partitioned by instrument: market data and signals.
  case signals
  /// risk → execution, one partition an account: market data, signals, decisions and orders.
  case orders
  /// execution → db_writer: the order path, without market data.
  case orderResults = "order_results"
  /// execution → risk: the one edge that goes back.
  case feedback

  /// Who emits on the edge, and who accepts from it.
  public var ends: (from: StageName, to: StageName) {
    switch self {
    case .marketData: (.ws, .core)
    case .signals: (.core, .risk)
    case .orders: (.risk, .execution)
    case .orderResults: (.execution, .dbWriter)
    case .feedback: (.execution, .risk)
    }
  }
}

/// What may stand at the end of a batch.
public enum Marker: Sendable, Hashable {
  /// A cut through the flow: as it passes, every stage notes its ledger and its snapshot.
  case barrier(UInt64)
  /// Nothing follows.
  case end
}

/// Consecutive events of one partition of one edge.
public struct Batch: Sendable {
  public var stream: StreamName
  public var partition: UInt16
  /// The number of the first event on this edge and partition; events are numbered from 1, without gaps.
  public var firstSequence: UInt64
  public var envelopes: [Envelope]
  /// No later event of this partition has this time or an earlier one.
  public var watermark: EventTime
  public var marker: Marker?
  /// When the newest of these events was taken in, on the process's monotonic clock, nanoseconds.
  public var ingestedAt: UInt64
  /// How long they had been under way before that, skew corrected, nanoseconds.
  public var feedDelay: Int64

  public init(
    stream: StreamName, partition: UInt16, firstSequence: UInt64, envelopes: [Envelope],
    watermark: EventTime, marker: Marker?, ingestedAt: UInt64, feedDelay: Int64
  ) {
    self.stream = stream
    self.partition = partition
    self.firstSequence = firstSequence
    self.envelopes = envelopes
    self.watermark = watermark
    self.marker = marker
    self.ingestedAt = ingestedAt
    self.feedDelay = feedDelay
  }

  /// The number of the last event, or of the one before the first where there is none.
  public var lastSequence: UInt64 { firstSequence &+ UInt64(envelopes.count) &- 1 }
}

extension [Batch] {
  /// The same with fewer batches: what follows on in its partition, with no marker between, is one.
  var joined: [Batch] {
    var result: [Batch] = []
    result.reserveCapacity(count)
    var last: [UInt16: Int] = [:]
    for batch in self {
      if let index = last[batch.partition], result[index].marker == nil,
        result[index].lastSequence + 1 == batch.firstSequence
      {
        result[index].envelopes += batch.envelopes
        result[index].watermark = Swift.max(result[index].watermark, batch.watermark)
        result[index].marker = batch.marker
        result[index].ingestedAt = Swift.max(result[index].ingestedAt, batch.ingestedAt)
        result[index].feedDelay = batch.feedDelay
      } else {
        last[batch.partition] = result.count
        result.append(batch)
      }
    }
    return result
  }
}
