/// What a server answers (RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/).
public enum RedisValue: Sendable, Hashable {
  case null
  case integer(Int64)
  /// A short word such as `OK`.
  case status(String)
  case bytes([UInt8])
  /// A refusal. It may stand inside of an array too.
  case error(RedisRefusal)
  case array([RedisValue])

  public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }

  public var bytes: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }

  public var array: [RedisValue]? { if case .array(let value) = self { value } else { nil } }

  public var refusal: RedisRefusal? { if case .error(let value) = self { value } else { nil } }

  public var isNull: Bool { self == .null }

  /// A status, or bytes as UTF-8; bytes that are none are repaired.
  public var text: String? {
    switch self {
    case .status(let text): text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .null, .integer, .error, .array: nil
    }
  }

  /// The value behind a name in a list of names and values, as `XINFO` and `CONFIG GET` answer.
  public subscript(name: String) -> RedisValue? {
    guard let list = array else { return nil }
    for index in stride(from: 0, to: list.count - 1, by: 2) where list[index].text == name {
      return list[index + 1]
    }
    return nil
  }
}

/// A server's word that it did not do something, such as `OOM command not allowed when used memory > 'maxmemory'.`
public struct RedisRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  /// The first word, in capitals by convention.
  public var code: String
  /// All of it, at most 512 characters.
  public var message: String

  public init(message: String) {
    let kept = String(message.prefix(512))
    code = String(kept.prefix { $0 != " " })
    self.message = kept
  }

  public var description: String { message }

  /// Where a cluster sends a command to: of `MOVED 3999 host:port` and `ASK 3999 host:port`.
  public var redirection: (slot: Int, endpoint: RedisEndpoint, isPermanent: Bool)? {
    guard code == "MOVED" || code == "ASK" else { return nil }
    let words = message.split(separator: " ")
    guard words.count == 3, let slot = Int(words[1]), (0..<KeySlot.count).contains(slot),
      let colon = words[2].lastIndex(of: ":"), let port = UInt16(words[2][words[2].index(after: colon)...]),
      port > 0, colon > words[2].startIndex
    else { return nil }
    let endpoint = RedisEndpoint(host: String(words[2][..<colon]), port: Int(port))
    return (slot, endpoint, code == "MOVED")
  }
}
