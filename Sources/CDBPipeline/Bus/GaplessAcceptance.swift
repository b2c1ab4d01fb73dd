import CDBDomain

/// A number was skipped on an edge: an event is lost, and the stage must not go on.
public struct SequenceGap: Error, Equatable, Sendable, CustomStringConvertible {
  public var stream: StreamName
  public var partition: UInt16
  public var expected: UInt64
  public var found: UInt64

  public var description: String {
    "edge \(stream.rawValue), partition \(partition): expected event \(expected), found \(found); "
      + "events were lost, the stage stops rather than go on without them"
  }
}

/// The consumer's side of a gaplessly numbered edge: accepts exactly the next number.
///
/// What was accepted before is a redelivery and is skipped and counted; a number beyond the next is an
/// error. This is what turns at-least-once delivery into exactly-once effect.
public struct GaplessAcceptance: Sendable, Hashable, Codable {
  /// By partition, the number of the last event accepted; zero before the first.
  public private(set) var accepted: [UInt16: UInt64] = [:]

  public init() {}

  public func position(of partition: UInt16) -> UInt64 { accepted[partition] ?? 0 }

  /// Sets where a partition stands, when it was kept elsewhere (a store's input position).
  public mutating func restore(_ position: UInt64, partition: UInt16) { accepted[partition] = position }

  /// Takes a batch's place on the edge and returns how many of its first events were accepted before.
  public mutating func accept(_ batch: Batch) throws(SequenceGap) -> Int {
    let expected = position(of: batch.partition) + 1
    guard !batch.envelopes.isEmpty else {
      guard batch.firstSequence <= expected else {
        throw SequenceGap(
          stream: batch.stream, partition: batch.partition, expected: expected,
          found: batch.firstSequence)
      }
      return 0
    }
    guard batch.firstSequence <= expected else {
      throw SequenceGap(
        stream: batch.stream, partition: batch.partition, expected: expected, found: batch.firstSequence)
    }
    let redelivered = min(Int(expected - batch.firstSequence), batch.envelopes.count)
    if redelivered < batch.envelopes.count { accepted[batch.partition] = batch.lastSequence }
    return redelivered
  }
}
