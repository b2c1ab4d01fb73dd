/// How a client connects and what it takes from a server.
public struct RedisOptions: Sendable {
  /// Certificates and how a peer's is judged; used where the address says so. Peers are always verified.
  public struct TLS: Sendable, Hashable {
    public enum Verification: Sendable, Hashable {
      /// The certificate is of a trusted authority and names the host.
      case full
      /// It is of a trusted authority, whatever it names: for sentinels that tell addresses without names.
      case authorityOnly
    }
    /// Certificates to trust instead of the system's, in PEM.
    public var authoritiesFile: String?
    public var verification = Verification.full
    public init(authoritiesFile: String? = nil, verification: Verification = .full) {
      self.authoritiesFile = authoritiesFile
      self.verification = verification
    }
  }

  public var credential: RedisCredential?
  public var tls = TLS()
  /// Shown by `CLIENT LIST`; without spaces. Empty for none.
  public var clientName = ""
  /// Until the connection stands, name resolution and TLS included.
  public var connectTimeout = Duration.seconds(5)
  /// From the moment a command is taken until its answer, unless it is sent with another time.
  public var commandTimeout = Duration.seconds(5)
  /// Commands that are under way at once; whoever sends more waits.
  public var maximumCommandsUnderWay = 4_096
  /// The bytes of commands that are under way at once; a single larger one goes alone.
  public var maximumBytesUnderWay = 32 << 20
  /// The longest single command, bytes.
  public var maximumCommandBytes = 64 << 20
  public var replyLimits = RedisReplyLimits()
  public var backOff = BackOff()

  public init() {}
}
