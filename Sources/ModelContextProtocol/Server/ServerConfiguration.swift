/// What a server says of itself, and what it takes.
public struct ServerConfiguration: Sendable {
  /// For whom an answer may be kept.
  public enum CacheScope: String, Sendable { case `private`, `public` }

  public var name: String
  public var title: String?
  public var version: String
  /// How to use it, for models.
  public var instructions: String?
  /// Whether it tells log messages to clients that ask for them. Both ways to do so are deprecated since
  /// revision 2026-07-28.
  public var tellsLogs = false
  /// How long clients of revision 2026-07-28 may keep lists and resources, in milliseconds, and for whom.
  public var timeToLive = 0
  public var cacheScope = CacheScope.private
  /// Entries of a page of a list.
  public var pageSize = 100
  public var limits = ServerLimits()

  public init(name: String, title: String? = nil, version: String, instructions: String? = nil) {
    self.name = name
    self.title = title
    self.version = version
    self.instructions = instructions
  }

  /// `Implementation` of the protocol.
  var info: JSONValue {
    var object: JSONObject = ["name": .string(name)]
    object["title"] = title.map { .string($0) }
    object["version"] = .string(version)
    return .object(object)
  }
}

/// What a client may cost. Everything that it can make grow has a bound here.
public struct ServerLimits: Sendable, Equatable {
  /// The longest message in bytes, without its newline.
  public var messageBytes = 4 << 20
  public var json = JSONLimits()
  /// How many requests of a connection run at once; others wait.
  public var running = 16
  /// How many wait; others are refused.
  public var waiting = 256
  /// How many addresses a client may subscribe to, and how many streams it may listen on.
  public var subscriptions = 1_024
  /// How many bytes of answers wait for a client that does not read. Beyond them nothing more is read of it.
  public var outgoingBytes = 4 << 20
  /// How long the work under way may go on once the client has no more to say, and how long it then has to read.
  public var grace = Duration.seconds(1)

  public init() {}
}
