import Foundation

/// How far an endpoint is.
struct Checkpoint: Sendable, Equatable {
  /// How many cuts there may be at a time: as many as fit into a slot of the file, whatever their numbers.
  static let mostCuts = 24

  /// Every fragment up to this number is done with.
  var through: UInt64 = 0
  /// How many samples were enqueued up to there, since the queue was made.
  var samplesThrough: UInt64 = 0
  /// The batches behind that, one after the other. The first one is under way; of the others some may be done with.
  private(set) var cuts: [BatchCut] = []
  var ledger = EndpointLedger()
  /// Whether the receiver has understood remote write 2.0.
  var speaksVersion2 = false
  /// When it had not; milliseconds since the epoch.
  var version1Since: Int64?

  init(through: UInt64 = 0, samplesThrough: UInt64 = 0, cuts: [BatchCut] = []) {
    self.through = through
    self.samplesThrough = samplesThrough
    self.cuts = cuts
  }

  /// Behind which the next batch is cut: a fragment, and the samples up to it.
  var end: (fragment: UInt64, samples: UInt64) {
    guard let last = cuts.last else { return (through, samplesThrough) }
    return (last.last, last.samplesThrough ?? samplesThrough)
  }

  /// How many samples were enqueued before a cut.
  func samples(before cut: BatchCut) -> UInt64 {
    let before = cuts.last { $0.last < cut.first }
    return before.map { $0.samplesThrough ?? samplesThrough } ?? samplesThrough
  }

  /// Takes up a batch, behind the last one.
  mutating func begin(_ cut: BatchCut) { cuts.append(cut) }

  /// Takes note of what its fragments tell.
  mutating func complete(_ cut: BatchCut) {
    guard let place = cuts.firstIndex(where: { $0.first == cut.first }) else { return }
    cuts[place] = cut
  }

  /// Takes it back.
  mutating func withdraw(_ cut: BatchCut) { cuts.removeAll { $0.first == cut.first } }

  /// A batch is done with. What is before the first one that is not needs no cuts any more.
  mutating func finish(_ cut: BatchCut) {
    guard let place = cuts.firstIndex(where: { $0.first == cut.first }) else { return }
    cuts[place] = cut
    cuts[place].isDone = true
    while let head = cuts.first, head.isDone {
      through = head.last
      samplesThrough = head.samplesThrough ?? samplesThrough
      cuts.removeFirst()
    }
  }

  /// Whether its cuts can be: in order, and behind what is done with.
  var isSound: Bool {
    var end = through
    for cut in cuts {
      guard cut.first > end, cut.last >= cut.first, cut.last < .max else { return false }
      end = cut.last
    }
    return cuts.count <= Self.mostCuts
  }

  /// Lets go of what is said of fragments from this number on: there are none.
  mutating func forget(from next: UInt64) {
    cuts.removeAll { $0.first >= next }
    if let last = cuts.indices.last, cuts[last].last >= next { cuts[last].last = next - 1 }
    if through >= next {
      through = next - 1
      cuts = []
    }
  }
}

/// A batch as the checkpoint has it: which fragments it is of. It is sent as just these, also by another process.
struct BatchCut: Sendable, Equatable, Codable {
  /// The numbers of its fragments, the last one included.
  var first: UInt64
  var last: UInt64
  /// How many samples were enqueued up to its end, since the queue was made; nil where only the fragments tell.
  var samplesThrough: UInt64?
  /// Whether it is done with, while one before it is not.
  var isDone = false

  private enum CodingKeys: String, CodingKey {
    case first, last
    case samplesThrough = "samples"
    case isDone = "done"
  }
}

extension Checkpoint: Codable {
  private enum CodingKeys: String, CodingKey {
    case through, samplesThrough, cut, cuts, ledger, speaksVersion2, version1Since
  }

  private struct Range: Codable {
    var first: UInt64
    var last: UInt64
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    through = try values.decode(UInt64.self, forKey: .through)
    samplesThrough = try values.decode(UInt64.self, forKey: .samplesThrough)
    ledger = try values.decode(EndpointLedger.self, forKey: .ledger)
    speaksVersion2 = try values.decode(Bool.self, forKey: .speaksVersion2)
    version1Since = try values.decodeIfPresent(Int64.self, forKey: .version1Since)
    cuts = try values.decodeIfPresent([BatchCut].self, forKey: .cuts) ?? []
    if let cut = try values.decodeIfPresent(Range.self, forKey: .cut) {
      cuts = [BatchCut(first: cut.first, last: cut.last)]
    }
  }

  /// One batch under way is written as it was when there could be no more than one.
  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(through, forKey: .through)
    try values.encode(samplesThrough, forKey: .samplesThrough)
    try values.encode(ledger, forKey: .ledger)
    try values.encode(speaksVersion2, forKey: .speaksVersion2)
    try values.encodeIfPresent(version1Since, forKey: .version1Since)
    if let cut = cuts.first, cuts.count == 1, !cut.isDone {
      try values.encode(Range(first: cut.first, last: cut.last), forKey: .cut)
    } else if !cuts.isEmpty {
      try values.encode(cuts, forKey: .cuts)
    }
  }

  /// As it stands on the disk: JSON, with the keys that decoding knows. It is written for every batch, so it is not left to an
  /// encoder that asks each value what it is.
  var json: [UInt8] {
    var items: [String] = []
    if let cut = cuts.first, cuts.count == 1, !cut.isDone {
      items.append(#""cut":{"first":\#(cut.first),"last":\#(cut.last)}"#)
    } else if !cuts.isEmpty {
      items.append(#""cuts":[\#(cuts.map(\.json).joined(separator: ","))]"#)
    }
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

extension BatchCut {
  fileprivate var json: String {
    let samples = samplesThrough.map { #","samples":\#($0)"# } ?? ""
    return #"{"done":\#(isDone),"first":\#(first),"last":\#(last)\#(samples)}"#
  }
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
