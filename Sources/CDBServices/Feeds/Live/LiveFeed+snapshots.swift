import CDBDomain
import CDBPipeline
import HTTPTransport
import Logging
import Synchronization

extension LiveFeed {
  /// Asks for the snapshots that books wait for.
  func keepBooks() async {
    let step = max(.milliseconds(1), options.snapshots.firstPause / 20)
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        let needed = unsynchronised()
        let due = state.withLock { state in
          if needed.isEmpty { state.snapshotTrouble = nil }
          // Without a connection, an updated book would be out of step again at once.
          guard state.session.isStreaming else { return [String]() }
          return state.schedule.due(needed, at: .now, random: &state.random)
        }
        for symbol in due { group.addTask { await self.fetchSnapshot(symbol) } }
        try? await Task.sleep(for: step)
      }
      group.cancelAll()
    }
  }

  private func fetchSnapshot(_ symbol: String) async {
    let outcome: SnapshotSchedule.Outcome
    var trouble: String?
    do throws(SnapshotRefusal) {
      let frame = try await snapshot(symbol)
      inbox.put(snapshot: frame)
      outcome = .delivered
    } catch {
      outcome = error.retryAfter.map { .limited(retryAfter: $0) } ?? .failed
      trouble = "no snapshot of the book of \(symbol): \(error.reason)"
      logger.warning(
        "the exchange gives no snapshot",
        metadata: [
          "event.reason": "snapshot_failed", "error.message": "\(error.reason)", "cdb.symbol": "\(symbol)",
        ])
    }
    state.withLock { state in
      state.schedule.completed(symbol, outcome, at: .now)
      state.snapshotTrouble = trouble
      if trouble == nil { state.status.snapshots += 1 } else { state.status.failedSnapshots += 1 }
    }
  }

  private struct SnapshotRefusal: Error {
    var reason: String
    /// Where the exchange says that it was asked too often.
    var retryAfter: Duration?
  }

  private func snapshot(_ symbol: String) async throws(SnapshotRefusal) -> ReceivedFrame {
    guard let index = options.instruments.instruments.firstIndex(where: { $0.symbol == symbol }) else {
      throw SnapshotRefusal(reason: "nobody knows the symbol")
    }
    let url = "\(options.restURL)/api/v3/depth?symbol=\(symbol)&limit=\(options.snapshotLevels)"
    let response: HTTPResponse
    do throws(HTTPTransportError) {
      response = try await http.send(
        HTTPRequest(
          url: url, timeouts: HTTPTimeouts(connect: .seconds(5), total: options.snapshotTimeout),
          maximumResponseBytes: 4 << 20))
    } catch {
      throw SnapshotRefusal(reason: "\(error)")
    }
    guard response.status == 200 else {
      let isLimited = response.status == 429 || response.status == 418
      // Without the field: as long as the exchange's shortest ban.
      let seconds = response.header("Retry-After").flatMap { Int($0) } ?? 120
      let wait = Duration.seconds(min(max(seconds, 1), 3 * 86_400))
      throw SnapshotRefusal(
        reason: "status \(response.status)" + (isLimited ? ", no further request for \(wait)" : ""),
        retryAfter: isLimited ? wait : nil)
    }
    // An error may come with a good status; the decoder would only count it.
    guard FrameNumbers.isSnapshot(response.body) else {
      throw SnapshotRefusal(reason: "the answer is no snapshot")
    }
    return ReceivedFrame(instrument: UInt16(index), time: ProcessClock.wall(), bytes: response.body)
  }
}
