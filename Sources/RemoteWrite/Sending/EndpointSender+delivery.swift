import Foundation
import TaskTiming

extension EndpointSender {
  /// Sends a batch until it is accepted or refused.
  ///
  /// - Throws: where the task is cancelled.
  func deliver(_ batch: SendBatch) async throws {
    if batch.isRepeated, deadLetters.has(batch) {
      return acknowledge(batch) { $0.refused += UInt64(batch.samples) }
    }
    var machine = DeliveryMachine(settings: endpoint.queue, isRepeated: batch.isRepeated)
    while true {
      try await waitForPause()
      let version = version
      let outcome = try await send(batch, version, attempt: machine.attempts)
      switch machine.judge(outcome) {
      case .inVersion1(let words):
        note("does not understand remote write 2.0, and gets 1.0 for a day: \(words)")
        checkpoint.version1Since = clock.wall()
        checkpoint.speaksVersion2 = false
      case .delivered:
        if version == .version2 { checkpoint.speaksVersion2 = true }
        noteSuccess(of: batch)
        return acknowledge(batch) { $0.delivered += UInt64(batch.samples) }
      case .presumedDelivered(let words):
        note("has it already: \(words)")
        return acknowledge(batch) { $0.presumedDelivered += UInt64(batch.samples) }
      case .refused(let code, let words):
        // Who says no gets no more for a while, at the end either: what waits is better kept than refused.
        pause(max(endpoint.queue.batchDeadline, 5_000))
        note("refused \(batch.samples) samples for good, HTTP status \(code): \(words)")
        try await untilDone { try deadLetters.append(letter(batch, code, words), body: batch.body) }
        acknowledge(batch) { $0.refused += UInt64(batch.samples) }
        return try await untilDone { try settle() }
      case .again(let after, let words):
        troubled.insert(batch.cut.first)
        note(words)
        if outcome.asksToWait {
          sighting.isHeldBack = true
          pause(after)
        } else {
          try await clock.sleep(.milliseconds(after))
        }
      }
    }
  }

  /// In the version that the receiver understands, as far as one knows.
  private func send(
    _ batch: SendBatch, _ version: WriteProtocol, attempt: Int
  ) async throws -> DeliveryOutcome {
    guard let body = version == .version1 ? batch.body : try? WriteRequest.version2(of: batch.body) else {
      return .notUnderstood(words: "the batch has no form in 2.0")
    }
    let begun = clock.monotonic()
    let result = await client.send(
      body, version, isKnown: version == .version1 || checkpoint.speaksVersion2, attempt: attempt,
      now: clock.wall())
    if case .failure = result.outcome { try Task.checkCancellation() }
    if case .answer(200..<300, _, _) = result.outcome {
      sighting.accepted += UInt64(batch.samples)
      sighting.busy += Double(clock.monotonic() - begun) / 1e9
    }
    let unwritten = batch.samples - min(result.written ?? batch.samples, batch.samples)
    if unwritten > 0 { note("the receiver has not written \(unwritten) samples of a batch that it accepted") }
    status.update {
      $0.requests[result.outcome.kind, default: 0] += 1
      $0.sentBytes += UInt64(body.count)
      $0.unwritten += UInt64(unwritten)
      if attempt > 0 { $0.retries += 1 }
    }
    return result.outcome
  }

  private var version: WriteProtocol {
    guard endpoint.message == .version2 else { return .version1 }
    // Receivers are made better now and then.
    if let since = checkpoint.version1Since, clock.wall() - since < 86_400_000 { return .version1 }
    return .version2
  }

  /// Lets no shard send for so many milliseconds.
  private func pause(_ duration: Int64) {
    pausedUntil = max(pausedUntil, clock.monotonic() + UInt64(max(duration, 0)) * 1_000_000)
  }

  func waitForPause() async throws {
    try Task.checkCancellation()
    while true {
      let now = clock.monotonic()
      guard now < pausedUntil else { return }
      try await clock.sleep(.nanoseconds(Int64(pausedUntil - now)))
    }
  }

  private func untilDone(_ body: () throws -> Void) async throws {
    while true {
      do {
        return try body()
      } catch {
        note("\(error)")
        try await clock.sleep(.milliseconds(endpoint.queue.longestPause))
      }
    }
  }

  private func letter(_ batch: SendBatch, _ status: Int, _ words: String) -> DeadLetter {
    let time = Date(timeIntervalSince1970: Double(clock.wall()) / 1000)
    return DeadLetter(
      time: time.ISO8601Format(), url: endpoint.shownURL, status: status, words: words,
      samples: batch.samples, first: batch.cut.first, last: batch.cut.last)
  }
}
