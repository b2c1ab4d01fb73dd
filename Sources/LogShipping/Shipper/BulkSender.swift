import TaskTiming

/// Delivers batches: sends until the server has said what becomes of each document.
struct BulkSender: Sendable {
  let client: BulkClient
  let status: ShipperStatus
  let pauses: BulkDelivery.Pauses
  let clock: TaskClock

  /// What became of a batch.
  struct Result: Sendable {
    var number: UInt64
    var fates: [BulkDelivery.Fate]
    /// Of the batch's body.
    var bytes: Int
    var wasTooLarge: Bool
  }

  /// - Returns: nil where the task was cancelled before all was said.
  func deliver(_ batch: BulkBatch) async -> Result? {
    var delivery = BulkDelivery(count: batch.items.count, pauses: pauses)
    var isRepetition = false
    while let items = delivery.next {
      guard !Task.isCancelled else { return nil }
      let body = client.body(batch.body(of: items))
      let outcome = await client.send(body, count: items.count)
      guard !Task.isCancelled else { return nil }
      status.noteRequest(
        outcome, items: items.count, bytes: body.bytes.count, isRepetition: isRepetition, time: clock.wall())
      isRepetition = true
      let pause = delivery.handle(outcome)
      if pause > 0 {
        guard (try? await clock.sleep(.milliseconds(pause))) != nil else { return nil }
      }
    }
    return Result(
      number: batch.number, fates: delivery.fates, bytes: batch.body.count, wasTooLarge: delivery.wasTooLarge)
  }
}
