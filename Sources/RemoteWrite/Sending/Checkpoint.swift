import Foundation

/// How far an endpoint is.
struct Checkpoint: Sendable, Equatable, Codable {
  /// Every fragment up to this number is done with.
  var through: UInt64 = 0
  /// How many samples were enqueued up to there, since the queue was made.
  var samplesThrough: UInt64 = 0
  /// The fragments of the batch that may have been sent, and are to be sent again as they are.
  var cut: FragmentRange?
  var ledger = EndpointLedger()
  /// Whether the receiver has understood remote write 2.0.
  var speaksVersion2 = false
  /// When it had not; milliseconds since the epoch.
  var version1Since: Int64?
}

extension Checkpoint {
  /// As it stands on the disk: JSON, with the keys that decoding knows. It is written for every batch, so it is not left to an
  /// encoder that asks each value what it is.
  var json: [UInt8] {
    var items: [String] = []
    if let cut { items.append(#""cut":{"first":\#(cut.first),"last":\#(cut.last)}"#) }
    items.append(
      #""ledger":{"delivered":\#(ledger.delivered),"droppedCorrupt":\#(ledger.droppedCorrupt),"#
        + #""droppedFull":\#(ledger.droppedFull),"forgotten":\#(ledger.forgotten),"#
        + #""presumedDelivered":\#(ledger.presumedDelivered),"refused":\#(ledger.refused)}"#)
    items.append(
      #""samplesThrough":\#(samplesThrough),"speaksVersion2":\#(speaksVersion2),"through":\#(through)"#)
    if let version1Since { items.append(#""version1Since":\#(version1Since)"#) }
    return Array("{\(items.joined(separator: ","))}".utf8)
  }
}

/// Numbers of fragments, the last one included.
struct FragmentRange: Sendable, Equatable, Codable {
  var first: UInt64
  var last: UInt64
}

/// What became of samples since the queue was made, over every restart. With what waits it adds up to what was enqueued.
public struct EndpointLedger: Sendable, Equatable, Codable {
  /// The receiver said yes.
  public internal(set) var delivered: UInt64 = 0
  /// The receiver said, of a batch that it may have had before, that it has it.
  public internal(set) var presumedDelivered: UInt64 = 0
  /// The receiver said no for good; they are among the dead letters.
  public internal(set) var refused: UInt64 = 0
  /// The oldest, because the queue was full.
  public internal(set) var droppedFull: UInt64 = 0
  /// In fragments that could not be read back.
  public internal(set) var droppedCorrupt: UInt64 = 0

  /// Whatever became of them: the checkpoint that told it was lost.
  public internal(set) var forgotten: UInt64 = 0

  /// All that is done with.
  public var total: UInt64 {
    delivered + presumedDelivered + refused + droppedFull + droppedCorrupt + forgotten
  }
}
