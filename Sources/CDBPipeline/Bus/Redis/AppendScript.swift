import Crypto
import Foundation
import RedisTransport

/// Appends entries to a stream, all or none, and only where the caller still owns it and knows its end.
///
/// Without the two comparisons a pipeline of `XADD`s could leave a hole for ever: refused with `OOM` at one entry and
/// taken at the next, or sent by an owner whose lease ran out. With them each append follows on from exactly the one
/// before, and Redis itself refuses an id that is not above the last.
enum AppendScript {
  /// Refusals that it makes by itself.
  static let fenced = "FENCED"
  static let tail = "TAIL"
  /// What the first has in the owner's place where there is none.
  static let nobody = "nobody"

  static let source = """
    if redis.call('GET', KEYS[2]) ~= ARGV[1] then
      return redis.error_reply('FENCED ' .. (redis.call('GET', KEYS[2]) or 'nobody'))
    end
    local last = '0-0'
    local tail = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
    if #tail > 0 then
      last = tail[1][1]
    elseif redis.call('EXISTS', KEYS[1]) == 1 then
      local facts = redis.call('XINFO', 'STREAM', KEYS[1])
      for i = 1, #facts, 2 do
        if facts[i] == 'last-generated-id' then last = facts[i + 1] end
      end
    end
    if last ~= ARGV[2] then return redis.error_reply('TAIL ' .. last) end
    for i = 3, #ARGV, 2 do redis.call('XADD', KEYS[1], ARGV[i], 'b', ARGV[i + 1]) end
    return redis.call('XLEN', KEYS[1])
    """

  static let digest = Insecure.SHA1.hash(data: Data(source.utf8)).map { byte in
    let text = String(byte, radix: 16)
    return text.count == 1 ? "0" + text : text
  }.joined()

  static var load: RedisCommand { RedisCommand("SCRIPT", "LOAD", source) }

  /// - Parameter previous: the stream's last id as the caller knows it.
  static func command(
    _ keys: EdgeKeys, token: String, previous: EntryID, entries: ArraySlice<EdgeLane.Entry>
  ) -> RedisCommand {
    var command = RedisCommand("EVALSHA", digest, "2", keys.stream, keys.lease, token, previous.description)
    for entry in entries {
      command.append(entry.id.description)
      command.append(entry.bytes)
    }
    return command
  }
}
