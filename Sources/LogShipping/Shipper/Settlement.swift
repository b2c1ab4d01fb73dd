/// Batches under way, and what they change when all is said of them: in the order of their numbers.
struct Settlement {
  private let folder: StateFolder
  private let letters: DeadLetterFile
  private let index: String
  private let status: ShipperStatus
  private var batches: [BulkBatch] = []
  private var results: [UInt64: BulkSender.Result] = [:]

  init(folder: StateFolder, letters: DeadLetterFile, index: String, status: ShipperStatus) {
    self.folder = folder
    self.letters = letters
    self.index = index
    self.status = status
  }

  /// Batches that are not settled.
  var underWay: Int { batches.count }
  var isEmpty: Bool { batches.isEmpty }
  /// When the first line of the oldest of them was read.
  var oldest: Int64? { batches.first?.time }
  var deadBytes: UInt64 { letters.length }

  mutating func begin(_ batch: BulkBatch) { batches.append(batch) }

  mutating func end(_ result: BulkSender.Result) { results[result.number] = result }

  /// Settles what can be. A disk that does not take the dead letters stops it here, until it does.
  ///
  /// - Parameter now: milliseconds since the epoch.
  mutating func settle(_ follower: Follower, now: Int64) {
    while let batch = batches.first, let result = results[batch.number] {
      let dead = deadLetters(batch, result, now)
      do {
        try letters.append(dead)
      } catch {
        status.noteDisk("\(error)")
        return
      }
      status.noteDead(dead)
      apply(batch, result, follower)
      results.removeValue(forKey: batch.number)
      batches.removeFirst()
    }
  }

  /// Writes the checkpoint.
  ///
  /// - Returns: whether the disk has it.
  func store(_ follower: Follower) -> Bool {
    do {
      try folder.store(
        ShipperState(
          shipper: follower.shipper, nextFile: follower.nextNumber, deadBytes: letters.length,
          closed: follower.closed, lost: follower.lost, replayed: follower.replayed, files: follower.saved,
          readsPacks: follower.readsPacks, damaged: follower.damaged))
      status.noteDisk(nil)
      return true
    } catch {
      status.noteDisk("\(error)")
      return false
    }
  }

  private func deadLetters(_ batch: BulkBatch, _ result: BulkSender.Result, _ now: Int64) -> [DeadLetter] {
    result.fates.enumerated().compactMap { item, fate in
      guard case .dead(let status, let type, let reason) = fate else { return nil }
      return DeadLetter(
        time: TimeText.of(now), id: batch.id(item), index: batch.index(item) ?? index, status: status,
        type: type, reason: reason,
        document: String(decoding: batch.document(item), as: UTF8.self))
    }
  }

  private func apply(_ batch: BulkBatch, _ result: BulkSender.Result, _ follower: Follower) {
    var ledgers = batch.segments.map { segment in
      var ledger = FileLedger()
      ledger.lines = segment.lines
      ledger.blank = segment.blank
      ledger.redacted = segment.redacted
      ledger.unroutable = segment.unroutable
      return ledger
    }
    for (item, fate) in zip(batch.items, result.fates) {
      switch fate {
      case .accepted: ledgers[item.segment].accepted += 1
      case .repeated: ledgers[item.segment].repeated += 1
      case .failureStore: ledgers[item.segment].failureStore += 1
      case .dead: ledgers[item.segment].deadLettered += 1
      case .waiting: break
      }
    }
    for (segment, ledger) in zip(batch.segments, ledgers) {
      guard let file = follower.files[segment.file] else { continue }
      var ledger = ledger
      ledger.bytes = segment.position.offset - min(file.settled.offset, segment.position.offset)
      file.ledger += ledger
      file.settled = segment.position
      file.pendingLines -= min(segment.lines, file.pendingLines)
    }
  }
}
