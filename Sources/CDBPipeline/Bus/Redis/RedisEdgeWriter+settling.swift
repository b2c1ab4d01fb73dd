import RedisTransport

extension RedisEdgeWriter {
  /// Makes sure of the leases and of where the streams end, for as long as it takes.
  func settle() async throws {
    while true {
      await collect(leaving: 0)
      do {
        for lane in lanes.indices { try await settle(lane) }
        isUnsettled = false
        hasSettled = true
        trouble = nil
        return
      } catch let error as RedisError where error.isTransient {
        trouble = "\(error)"
      } catch let error as LeaseLost {
        // It ran out within this moment: the next attempt takes it anew, or finds whose it is.
        trouble = "\(error)"
      }
      try await clock.sleep(for: options.pause)
    }
  }

  /// Hears what the consumer has covered since, of all partitions at once; where the server does not answer, the next look does.
  func askWhatIsCovered() async {
    // In a cluster each partition's keys are on a node of its own.
    let together = client.address.form == .cluster ? 1 : max(1, lanes.count)
    for first in stride(from: 0, to: lanes.count, by: together) {
      let asked = first..<min(lanes.count, first + together)
      let answers = try? await client.send(
        asked.map { RedisCommand("GET", keys[$0].covered) }, key: keys[first].stream)
      for (lane, answer) in zip(asked, answers ?? []) {
        if let number = answer.text.flatMap(UInt64.init) { lanes[lane].cover(number) }
      }
    }
  }

  /// Why entries were not taken, in words of a person.
  func words(of refusal: RedisRefusal, in lane: Int) -> String {
    let partition = lanes[lane].partition
    switch refusal.code {
    case AppendScript.fenced: return "\(LeaseLost(refusal.message, stream: stream, partition: partition))"
    case AppendScript.tail:
      return
        "edge \(stream.rawValue), partition \(partition): the stream ends elsewhere than what was sent last; it is sent "
        + "on from there"
    default: return "\(RedisError(refusal, address: client.address.description, command: "XADD"))"
    }
  }

  private func settle(_ lane: Int) async throws {
    try await extend(lane)
    let (last, covered, length) = try await end(of: lane)
    let start = starts[lane]
    let known = covered ?? start.assumedCovered ?? (start.covered > 0 ? start.covered : nil)
    if last == .zero, known == nil, !hasSettled, lanes[lane].made > 0 {
      throw ForgottenStream(stream: stream, partition: lanes[lane].partition)
    }
    lanes[lane].cover(known ?? 0)
    lengths[lane] = length
    try lanes[lane].resume(after: last)
  }

  /// Looks after what an idle producer does not see: leases that run out, and streams that lost something.
  func look() async throws {
    await collect(leaving: 0)
    do {
      for lane in lanes.indices where !isUnsettled {
        let token = tokens[lane]
        try await extend(lane)
        let (last, covered, length) = try await end(of: lane)
        lanes[lane].cover(covered ?? 0)
        lengths[lane] = length
        if tokens[lane] != token || last != lanes[lane].sentTail { isUnsettled = true }
      }
    } catch let error as RedisError where error.isTransient {
      isUnsettled = true
      trouble = "\(error)"
    } catch let error as LeaseLost {
      isUnsettled = true
      trouble = "\(error)"
    }
    if isUnsettled { try await push() }
  }

  /// Extends a lease, or takes it where nobody has it.
  private func extend(_ lane: Int) async throws {
    let command = LeaseScript.command(keys[lane], token: tokens[lane], nonce: nonce, time: options.leaseTime)
    let value = try await client.send([command], key: keys[lane].stream).first
    guard let refusal = value?.refusal else {
      tokens[lane] = value?.text ?? ""
      return
    }
    guard refusal.code == LeaseScript.owned else {
      throw RedisError(refusal, address: client.address.description, command: command.name)
    }
    tokens[lane] = ""
    isUnsettled = true
    let owner = refusal.message.split(separator: " ").dropFirst().first.map(String.init)
    throw PartitionOwned(
      stream: stream, partition: lanes[lane].partition, owner: owner ?? "unknown", wasHeld: hasSettled)
  }

  /// Where a partition's stream ends, what its consumer has said that it covers, and how long it is.
  private func end(of lane: Int) async throws -> (last: EntryID, covered: UInt64?, length: Int) {
    let keys = keys[lane]
    // No stream ends with this: the answer says with what it does.
    let question = RedisCommand(
      "EVAL", AppendScript.source, "2", keys.stream, keys.lease, tokens[lane], "?")
    let answers = try await client.send(
      [question, RedisCommand("GET", keys.covered), RedisCommand("XLEN", keys.stream)], key: keys.stream)
    for answer in answers.dropFirst() {
      if let refusal = answer.refusal {
        throw RedisError(refusal, address: client.address.description, command: "XLEN")
      }
    }
    guard answers.count == 3, let refusal = answers[0].refusal else {
      throw RedisError(
        .protocolViolation, address: client.address.description, command: question.name,
        detail: "no answer that says where \(keys.stream) ends")
    }
    guard refusal.code == AppendScript.tail,
      let last = refusal.message.split(separator: " ").dropFirst().first.flatMap({ EntryID(String($0)) })
    else {
      if refusal.code == AppendScript.fenced {
        throw LeaseLost(refusal.message, stream: stream, partition: lanes[lane].partition)
      }
      throw RedisError(refusal, address: client.address.description, command: question.name)
    }
    return (last, answers[1].text.flatMap(UInt64.init), Int(clamping: answers[2].integer ?? 0))
  }
}
