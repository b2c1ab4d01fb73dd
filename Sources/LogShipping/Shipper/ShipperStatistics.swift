/// How a file is.
public struct FileStatistics: Sendable, Equatable, Codable {
  public internal(set) var path: String
  /// By which its documents are called: the first 16 characters of their `_id`s.
  public internal(set) var key: String
  public internal(set) var size: UInt64
  /// Up to where it was read, and up to where it is done with.
  public internal(set) var position: UInt64
  public internal(set) var settled: UInt64
  public internal(set) var ledger: FileLedger
  /// Lines that were read and are not done with.
  public internal(set) var pending: UInt64
}

/// How a shipper is.
public struct ShipperStatistics: Sendable, Equatable {
  /// In the order in which they were found.
  public internal(set) var files: [FileStatistics] = []
  /// Of all files, those that are gone included, over every restart.
  public internal(set) var ledger = FileLedger()
  /// Lines that were read and are not done with.
  public internal(set) var pending: UInt64 = 0
  /// Bytes of files that have not been read.
  public internal(set) var unreadBytes: UInt64 = 0
  public internal(set) var lost = LostText()
  /// What the dead-letter file takes.
  public internal(set) var deadLetterBytes: UInt64 = 0
  /// Packed files that were damaged, or ended in the middle, over every restart.
  public internal(set) var damaged: UInt64 = 0
  /// Files that wait until others are over, since no more can be open at a time.
  public internal(set) var waiting = 0
  /// Folders that inotify does not watch: what changes there is found by looking, every ``ShipperOptions/scanInterval``.
  public internal(set) var unwatched = 0
  /// Files that are taken for copies that are being made, plain or packed.
  public internal(set) var held = 0
  /// Since when the oldest line that is not done with has waited, or may have; milliseconds since the epoch.
  public internal(set) var oldest: Int64?
  /// Requests since the start by what came of them, one of ``results``.
  public internal(set) var requests: [String: UInt64] = [:]
  /// Every key of ``requests``.
  public static let results = BulkOutcome.results
  /// Documents that were sent again, since the start.
  public internal(set) var retried: UInt64 = 0
  /// Bodies of requests, repetitions included.
  public internal(set) var sentBytes: UInt64 = 0
  /// Of the server, milliseconds since the epoch.
  public internal(set) var lastSuccess: Int64?
  /// What is wrong with the server, with files and with the disk; nil where nothing is.
  public internal(set) var serverError: String?
  public internal(set) var fileError: String?
  public internal(set) var diskError: String?

  public init() {}
}
