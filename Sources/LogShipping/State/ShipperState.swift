/// What a shipper knows over its end: the content of the checkpoint.
struct ShipperState: Codable, Equatable, Sendable {
  static let version = 1

  var version = ShipperState.version
  /// A random number by which this shipper's documents are told from another's.
  var shipper: UInt64
  /// What the next life of a file will be called.
  var nextFile: UInt64 = 1
  /// How long the dead-letter file is; what stands behind it was not settled.
  var deadBytes: UInt64 = 0
  /// Of lives that have ended.
  var closed = FileLedger()
  var lost = LostText()
  /// Dead letters that were sent again and taken.
  var replayed: UInt64 = 0
  var files: [SavedFile] = []
  /// Whether packed files are read; nil in a checkpoint of an earlier version, which read none.
  var readsPacks: Bool?
  /// Packed files that were damaged.
  var damaged: UInt64?
}

/// A life of a file in the checkpoint.
struct SavedFile: Codable, Equatable, Sendable {
  var number: UInt64
  var path: String
  var identity: FileIdentity
  /// The longest that it was.
  var size: UInt64
  /// The bytes before that; nil in a checkpoint of an earlier version.
  var end: Fingerprint?
  var position: SettledPosition
  var ledger: FileLedger
  /// Where records of several lines were ended by time.
  var ends: [UInt64]?
  /// Of a file that is packed, and of which all was unpacked.
  var pack: SavedPack?
  /// Up to where it was read as another file, whose documents those lines are.
  var covered: UInt64?
}

/// How large a packed file is, and its text.
struct SavedPack: Codable, Equatable, Sendable {
  var size: UInt64
  var length: UInt64
}

/// What was gone before it could be read.
public struct LostText: Codable, Equatable, Sendable {
  public internal(set) var files: UInt64 = 0
  /// At least.
  public internal(set) var bytes: UInt64 = 0
}
