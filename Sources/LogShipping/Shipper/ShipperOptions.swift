/// What a shipper does, and with how much.
public struct ShipperOptions: Sendable {
  /// Where its state is; one shipper at a time.
  public var directory: String
  public var patterns: PathPatterns
  public var target: BulkTarget
  /// What it calls itself to servers.
  public var userAgent: String
  /// Of a request's body; one line may go beyond.
  public var batchBytes: Int
  /// Documents of a request.
  public var batchItems: Int
  /// How long a batch that is not full waits for more; milliseconds.
  public var linger: Int64
  /// Requests at a time.
  public var connections: Int
  /// Of a line; what is behind is left out.
  public var longestLine: Int
  /// Which lines are one record; nil makes one of each.
  public var multiline: MultilineOptions?
  /// What a container runtime wraps lines in, all of which ``multiline`` then does not hold for; nil where they are not wrapped.
  public var container: ContainerFormat?
  /// How often files are looked for that nothing was heard of; milliseconds.
  public var scanInterval: Int64
  /// How often the checkpoint is written at most; milliseconds.
  public var checkpointInterval: Int64
  /// How long a file that was deleted is kept open without a change, and one that was renamed out of all patterns; milliseconds.
  public var deletedGrace: Int64
  public var renamedGrace: Int64
  /// The longest pause between two requests for the same documents; milliseconds.
  public var longestPause: Int64
  /// What finds secrets, which are left out; nil leaves them.
  public var redactor: Redactor?
  /// How long it goes on delivering after ``LogShipper/stop()``.
  public var flushDeadline: Duration
  /// How many folders are watched at most, and how many files are open; nil is as many as the system lets it have.
  var mostWatches = Int.max
  var mostFiles: Int?

  public init(
    directory: String, patterns: PathPatterns, target: BulkTarget, userAgent: String = "LogShipping",
    batchBytes: Int = 4 << 20, batchItems: Int = 10_000, linger: Int64 = 200, connections: Int = 2,
    longestLine: Int = 1 << 20, multiline: MultilineOptions? = nil,
    container: ContainerFormat? = nil, scanInterval: Int64 = 1_000,
    checkpointInterval: Int64 = 500,
    deletedGrace: Int64 = 5_000, renamedGrace: Int64 = 60_000, longestPause: Int64 = 10_000,
    redactor: Redactor? = Redactor(), flushDeadline: Duration = .seconds(10)
  ) {
    self.directory = directory
    self.patterns = patterns
    self.target = target
    self.userAgent = userAgent
    self.batchBytes = batchBytes
    self.batchItems = batchItems
    self.linger = linger
    self.connections = connections
    self.longestLine = longestLine
    self.multiline = multiline
    self.container = container
    self.scanInterval = scanInterval
    self.checkpointInterval = checkpointInterval
    self.deletedGrace = deletedGrace
    self.renamedGrace = renamedGrace
    self.longestPause = longestPause
    self.redactor = redactor
    self.flushDeadline = flushDeadline
  }
}
