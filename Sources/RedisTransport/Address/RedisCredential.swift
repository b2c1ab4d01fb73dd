/// Who a client is. It cannot be printed: not by interpolation, a dump or a mirror.
public struct RedisCredential: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// Nil for the server's `default` user.
  let user: String?
  private let password: [UInt8]

  public init(user: String? = nil, password: String) {
    self.user = user
    self.password = Array(password.utf8)
  }

  var command: RedisCommand {
    var command = RedisCommand("AUTH")
    if let user { command.append(user) }
    command.append(password)
    return command
  }

  public var description: String { "<redacted>" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
