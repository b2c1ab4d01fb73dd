/// Why a Redis did not do what was asked: where, which command, whether it may have been done, and the way out.
public struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Kind: Sendable, Hashable {
    case invalidAddress
    /// Nobody listens there, the name is unknown, or the network has no way.
    case cannotConnect
    case tls
    /// No answer within the command's time.
    case timedOut
    case connectionLost
    /// What came is not the protocol.
    case protocolViolation
    case replyTooLarge
    case commandTooLarge
    case closed
    case cancelled
    /// `WRONGPASS`, or a password where none is set.
    case wrongCredential
    case notAuthenticated
    case notPermitted
    case loading
    case readOnly
    case outOfMemory
    /// `MISCONF`: it cannot write to its disk.
    case cannotPersist
    case busy
    case masterDown
    case tooFewReplicas
    case clusterDown
    /// A cluster sends it elsewhere.
    case redirected
    /// No sentinel knows the master.
    case noMaster
    case tooManyClients
    case wrongType
    /// A refusal of another kind; its first word is the detail's.
    case refused
  }

  /// What is known of the command's effect.
  public enum Outcome: Sendable, Hashable {
    /// It was not done, and may be sent again.
    case notDone
    /// It may have been done or not: the connection ended before the answer. It is never sent again by this library.
    case unknown
  }

  public var kind: Kind
  /// The server's address.
  public var address: String
  /// The command's name; nil where the fault is the connection's.
  public var command: String?
  public var outcome: Outcome
  public var detail: String

  public init(
    _ kind: Kind, address: String, command: String? = nil, outcome: Outcome = .notDone, detail: String = ""
  ) {
    self.kind = kind
    self.address = address
    self.command = command
    self.outcome = outcome
    self.detail = detail
  }

  /// What a refusal means.
  public init(_ refusal: RedisRefusal, address: String, command: String?) {
    let kind: Kind =
      switch refusal.code {
      case "WRONGPASS": .wrongCredential
      case "NOAUTH": .notAuthenticated
      case "NOPERM": .notPermitted
      case "LOADING": .loading
      case "READONLY": .readOnly
      case "OOM": .outOfMemory
      case "MISCONF": .cannotPersist
      case "BUSY": .busy
      case "MASTERDOWN": .masterDown
      case "NOREPLICAS": .tooFewReplicas
      case "CLUSTERDOWN", "TRYAGAIN": .clusterDown
      case "MOVED", "ASK": .redirected
      case "WRONGTYPE": .wrongType
      case "ERR" where refusal.message.contains("AUTH <password> called without any password"):
        .wrongCredential
      case "ERR" where refusal.message.contains("max number of clients"): .tooManyClients
      default: .refused
      }
    self.init(kind, address: address, command: command, detail: refusal.message)
  }

  /// Whether the same may succeed later without anybody changing a setting.
  public var isTransient: Bool {
    switch kind {
    case .cannotConnect, .timedOut, .connectionLost, .loading, .busy, .masterDown, .tooFewReplicas,
      .clusterDown,
      .redirected, .noMaster, .readOnly, .outOfMemory, .cannotPersist, .tooManyClients, .protocolViolation,
      .replyTooLarge:
      true
    case .invalidAddress, .tls, .commandTooLarge, .closed, .cancelled, .wrongCredential, .notAuthenticated,
      .notPermitted, .wrongType, .refused:
      false
    }
  }

  /// What a person can do about it.
  public var wayOut: String {
    switch kind {
    case .invalidAddress:
      "write redis://host:port, rediss://…, redis+sentinel://host,host/name or redis+cluster://host,host"
    case .cannotConnect: "check that the server runs and that address and port are right"
    case .tls: "check that the server speaks TLS there and that its certificate is of the authorities trusted"
    case .timedOut: "the server or the network is too slow: look at its SLOWLOG and load, or allow more time"
    case .connectionLost: "the connection is made anew by itself; look at the server's log if this recurs"
    case .protocolViolation: "check that a Redis answers at this address"
    case .replyTooLarge: "ask for less at once, or raise the limit of a reply"
    case .commandTooLarge: "send less at once"
    case .closed: "the client was closed"
    case .cancelled: "it was cancelled"
    case .wrongCredential: "check user and password against the server's ACL"
    case .notAuthenticated: "the server wants a password: configure one"
    case .notPermitted: "allow the user this command and key (ACL SETUSER)"
    case .loading: "the server reads its data from disk; it is tried again"
    case .readOnly: "this is a replica: name the master, or a sentinel that knows it"
    case .outOfMemory: "give the server more memory (maxmemory), or shorten what is kept"
    case .cannotPersist: "the server cannot write to its disk: free space there and look at its log"
    case .busy: "a script runs too long in the server: SCRIPT KILL ends it"
    case .masterDown: "the replica has lost its master: look after the master"
    case .tooFewReplicas: "too few replicas are in reach (min-replicas-to-write)"
    case .clusterDown: "a part of the cluster is out of reach, or a slot moves: look at CLUSTER INFO"
    case .redirected: "the cluster moved the key; it is followed with the next command"
    case .noMaster: "check the master's name, and that a sentinel is in reach"
    case .tooManyClients: "raise the server's maxclients, or end other clients"
    case .wrongType: "the key holds something else: choose another prefix, or delete the key"
    case .refused: "see what the server says"
    }
  }

  public var description: String {
    var text = "Redis at \(address)"
    if let command { text += ", \(command)" }
    text += ": \(detail.isEmpty ? String(describing: kind) : detail)"
    if outcome == .unknown { text += " (whether it was done is unknown)" }
    return text + "; \(wayOut)"
  }
}
