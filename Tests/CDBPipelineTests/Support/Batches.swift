import CDBDomain

@testable import CDBPipeline

func at(_ nanoseconds: Int64) -> EventTime { EventTime(nanoseconds: nanoseconds) }

/// A batch of ticks with these times, numbered from `first`.
func ticks(
  _ times: [Int64], first: UInt64 = 1, partition: UInt16 = 0, watermark: Int64? = nil, marker: Marker? = nil,
  stream: StreamName = .signals
) -> Batch {
  Batch(
    stream: stream, partition: partition, firstSequence: first,
    envelopes: times.map { Envelope(time: at($0), origin: UInt64(clamping: $0), event: .tick) },
    watermark: at(watermark ?? times.last ?? .min), marker: marker, ingestedAt: 0, feedDelay: 0)
}
