/// Where a service endpoint listens, whom it answers and how much it takes.
public struct EndpointConfiguration: Sendable {
  /// Loopback unless told otherwise.
  public var listen: ListenAddress
  /// Host names that a request's `Host` and `Origin` may carry, in any letter case: `localhost`, `[::1]`,
  /// `cdb.example:8443`. An entry without a port allows every port. A page in a browser that lets its own name
  /// resolve to this machine (DNS rebinding) still sends its own name, and is refused.
  public var allowedHosts: [String]
  /// What callers of changing operations must present; nil refuses those operations.
  public var token: (any SecretSource)?
  /// Larger bodies are answered with 413.
  public var maximumBodyBytes: Int
  /// Longer request targets are answered with 414.
  public var maximumURLBytes: Int
  /// All header fields together; more is answered with 400 by the parser.
  public var maximumHeaderBytes: Int
  /// Connections beyond this wait in the kernel's queue; fewer where the limit of open files is low (see ``OpenFiles``).
  public var maximumConnections: Int
  /// A connection that sends nothing for so long is closed, in the middle of a request too.
  public var idleTimeout: Duration
  /// A reader of a stream that takes nothing for so long is disconnected.
  public var streamTimeout: Duration
  /// How long requests in flight may take after the drain has started, before their connections are closed.
  public var drainTimeout: Duration

  /// The loopback names.
  public static let loopbackHosts = ["localhost", "127.0.0.1", "[::1]"]

  public init(
    listen: ListenAddress = ListenAddress(port: 8000),
    allowedHosts: [String] = EndpointConfiguration.loopbackHosts, token: (any SecretSource)? = nil,
    maximumBodyBytes: Int = 1_048_576, maximumURLBytes: Int = 8_192, maximumHeaderBytes: Int = 32_768,
    maximumConnections: Int = 1_024, idleTimeout: Duration = .seconds(30),
    streamTimeout: Duration = .seconds(10), drainTimeout: Duration = .seconds(2)
  ) {
    self.listen = listen
    self.allowedHosts = allowedHosts
    self.token = token
    self.maximumBodyBytes = maximumBodyBytes
    self.maximumURLBytes = maximumURLBytes
    self.maximumHeaderBytes = maximumHeaderBytes
    self.maximumConnections = maximumConnections
    self.idleTimeout = idleTimeout
    self.streamTimeout = streamTimeout
    self.drainTimeout = drainTimeout
  }
}
