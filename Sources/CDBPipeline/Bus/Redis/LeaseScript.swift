import RedisTransport

/// Who may append to a partition: a key with a token that runs out unless it is extended. Tokens count upwards, so that
/// each owner's is new.
enum LeaseScript {
  static let owned = "OWNED"

  /// Extends the lease where the caller has it, takes it where nobody has, and refuses otherwise. The caller also has what
  /// it took when the answer was lost.
  static let source = """
    local owner = redis.call('GET', KEYS[1])
    if owner and owner ~= ARGV[1] and string.match(owner, '^%d+%-(.*)$') ~= ARGV[2] then
      return redis.error_reply('OWNED ' .. owner)
    end
    local token = owner
    if not owner then token = redis.call('INCR', KEYS[2]) .. '-' .. ARGV[2] end
    redis.call('SET', KEYS[1], token, 'PX', ARGV[3])
    return token
    """

  static let releaseSource = """
    if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
    return 0
    """

  /// - Parameters:
  ///   - token: the caller's, empty where it has none.
  ///   - nonce: tells this owner from all others.
  static func command(_ keys: EdgeKeys, token: String, nonce: String, time: Duration) -> RedisCommand {
    var command = RedisCommand("EVAL", source, "2", keys.lease, keys.owners, token, nonce)
    let (seconds, attoseconds) = time.components
    command.append(max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000))
    return command
  }

  static func release(_ keys: EdgeKeys, token: String) -> RedisCommand {
    RedisCommand("EVAL", releaseSource, "1", keys.lease, token)
  }
}
