import RedisTransport

extension RedisEdgeReader {
  /// What `XINFO STREAM` tells of a stream.
  private struct Facts {
    var length: Int64
    var added: Int64
    var last: EntryID
    var first: EntryID?
  }

  /// Nil where there is no stream.
  private func facts(_ index: Int) async throws -> Facts? {
    let key = intakes[index].key
    let answer = try await client.send([RedisCommand("XINFO", "STREAM", key)], key: key).first ?? .null
    if let refusal = answer.refusal {
      guard refusal.message.contains("no such key") else {
        throw RedisError(refusal, address: client.address.description, command: "XINFO")
      }
      return nil
    }
    return Facts(
      length: answer["length"]?.integer ?? 0, added: answer["entries-added"]?.integer ?? 0,
      last: answer["last-generated-id"]?.text.flatMap { EntryID($0) } ?? .zero,
      first: answer["first-entry"]?.array?.first?.text.flatMap { EntryID($0) })
  }

  /// Looks at streams that give nothing: whether they are still there, and whether they went by.
  ///
  /// - Throws: ``EdgeLoss`` where a stream was emptied of what was not read.
  func look() async throws {
    for index in intakes.indices {
      guard let facts = try await facts(index) else {
        intakes[index].hasVanished = intakes[index].read > 0
        try await announce()
        continue
      }
      let read = intakes[index].read
      if facts.length == 0, facts.last.sequence > read {
        let missing = (read + 1)...facts.last.sequence
        throw EdgeLoss(
          stream: stream, partition: intakes[index].partition,
          cause: try await isCovered(missing, in: index) ? .consumed : .trimmed, missing: missing)
      }
    }
  }

  /// Why events are missing before an entry.
  func loss(of missing: ClosedRange<UInt64>, in index: Int, before entry: RedisValue) async throws -> EdgeLoss
  {
    let id = entry.array?.first?.text.flatMap { EntryID($0) }
    let facts = try await facts(index)
    let cause: EdgeLoss.Cause
    if try await isCovered(missing, in: index) {
      cause = .consumed
    } else if let facts, !intakes[index].hasVanished, facts.added > facts.length {
      cause = facts.first == id ? .trimmed : .deleted
    } else if let facts, !intakes[index].hasVanished, facts.first != id {
      cause = .deleted
    } else {
      // It counts all that was ever added, and nothing is missing of that: it began anew.
      cause = try await evictionPolicy().map { .evicted(policy: $0) } ?? .vanished
    }
    return EdgeLoss(stream: stream, partition: intakes[index].partition, cause: cause, missing: missing)
  }

  /// Whether the consumer has said that a durable snapshot of it has these events. This one has not read them: it was in another
  /// life, whose snapshots it has not gone on from.
  private func isCovered(_ missing: ClosedRange<UInt64>, in index: Int) async throws -> Bool {
    let key = keys[index]
    let said = try await client.call(RedisCommand("GET", key.covered), key: key.stream)
    return missing.upperBound <= said.text.flatMap(UInt64.init) ?? 0
  }

  /// The server's policy, where it evicts streams and has evicted keys; nil otherwise and where it does not tell.
  private func evictionPolicy() async throws -> String? {
    let key = intakes.first?.key
    let answers = try await client.send(
      [RedisCommand("CONFIG", "GET", "maxmemory-policy"), RedisCommand("INFO", "stats")], key: key)
    guard answers.count == 2, let policy = answers[0]["maxmemory-policy"]?.text, policy.hasPrefix("allkeys"),
      let line = answers[1].text?.split(whereSeparator: \.isNewline).first(where: {
        $0.hasPrefix("evicted_keys:")
      }),
      let count = Int(line.dropFirst("evicted_keys:".count)), count > 0
    else { return nil }
    return policy
  }
}
