import Foundation
import TaskTiming

/// The shipper's one loop: finds, reads, hands over, settles, and writes the checkpoint.
actor ShippingLoop {
  private enum Happening: Sendable {
    case delivered(BulkSender.Result?)
    case woken
  }

  private let options: ShipperOptions
  private let status: ShipperStatus
  private let clock: TaskClock
  private let wake: Signal
  private let stopping: Signal
  private let sender: BulkSender
  private let watch: FolderWatch
  private let follower: Follower
  private let reader: LineReader
  private var settlement: Settlement
  private var batch: BatchBuilder
  private var limit: BatchLimit
  /// Folders that are only looked into.
  private var unwatched = 0
  private var nextScan: UInt64 = 0
  private var nextCheckpoint: UInt64 = 0
  private var nextShow: UInt64 = 0
  private var deadline: UInt64?

  init(
    options: ShipperOptions, shipper: UInt64, status: ShipperStatus, clock: TaskClock, wake: Signal,
    stopping: Signal, client: BulkClient
  ) throws {
    self.options = options
    self.status = status
    self.clock = clock
    self.wake = wake
    self.stopping = stopping
    sender = BulkSender(
      client: client, status: status,
      pauses: BulkDelivery.Pauses(
        shortest: min(100, options.longestPause), longest: options.longestPause,
        forbidden: min(5_000, options.longestPause)), clock: clock)
    watch = FolderWatch(wake: wake, most: options.mostWatches)
    let folder = try StateFolder(path: options.directory)
    let state = try folder.load() ?? ShipperState(shipper: shipper)
    var following = Follower.Options(patterns: options.patterns)
    following.deletedGrace = UInt64(max(options.deletedGrace, 0)) * 1_000_000
    following.renamedGrace = UInt64(max(options.renamedGrace, 0)) * 1_000_000
    following.mostFiles = options.mostFiles ?? DescriptorLimit.files
    let follower = Follower(options: following, state: state)
    follower.resume(state.files, now: clock.monotonic(), wall: clock.wall())
    self.follower = follower
    settlement = Settlement(
      folder: folder, letters: try DeadLetterFile(path: folder.deadLetters, length: state.deadBytes),
      index: options.target.index, status: status)
    reader = LineReader(
      longestLine: options.longestLine, redactor: options.redactor,
      router: options.target.routing.map { StreamRouter($0, standard: options.target.index) },
      multiline: options.multiline, container: options.container)
    limit = BatchLimit(most: options.batchBytes)
    batch = BatchBuilder(mostBytes: options.batchBytes, mostItems: options.batchItems)
  }

  func run() async {
    await withTaskGroup(of: Happening.self) { group in
      var isWaiting = false
      while !Task.isCancelled {
        wake.reset()
        let now = clock.monotonic()
        if stopping.isSet, deadline == nil {
          deadline = now + UInt64(options.flushDeadline.milliseconds) * 1_000_000
        }
        look(now)
        while true {
          // One batch is read ahead while the others are under way.
          if deadline == nil { fill(now) }
          guard settlement.underWay < options.connections, let next = takeBatch() else { break }
          settlement.begin(next)
          group.addTask { [sender] in .delivered(await sender.deliver(next)) }
        }
        if now >= nextShow { show() }
        if let deadline {
          if settlement.isEmpty && batch.isEmpty || now >= deadline { break }
        }
        if !isWaiting {
          isWaiting = true
          let pause = Duration.milliseconds(self.pause(now))
          group.addTask { [wake, clock] in
            await wake.wait(atMost: pause, clock: clock)
            // A program that writes line by line shall not wake it for each.
            try? await clock.sleep(.milliseconds(5))
            return .woken
          }
        }
        switch await group.next() {
        case .delivered(let result): settle(result)
        case .woken, nil: isWaiting = false
        }
      }
      group.cancelAll()
    }
    settlement.settle(follower, now: clock.wall())
    follower.forgetEnded()
    store()
    show()
  }

  /// Hears what has changed, and scans where it is time.
  private func look(_ now: UInt64) {
    let changes = watch.take()
    let wall = clock.wall()
    follower.refresh(changes.written, now: now, wall: wall)
    if changes.isScanDue || now >= nextScan {
      let watching = watch.watch(options.patterns.folders())
      // It is said when there are more of them, and not in every scan.
      if watching.unwatched > unwatched, let problem = watching.problem { follower.problems.append(problem) }
      unwatched = watching.unwatched
      let hasNew = follower.scan(now: now, wall: wall)
      // No file is read whose number the checkpoint has not.
      if hasNew, store() { follower.promote() }
      nextScan =
        follower.isUnpacking ? now : now + UInt64(max(options.scanInterval, 10)) * 1_000_000
      status.noteFiles(follower.takeProblem())
    }
    settlement.settle(follower, now: wall)
    follower.forgetEnded()
    if now >= nextCheckpoint {
      store()
      nextCheckpoint = now + UInt64(max(options.checkpointInterval, 0)) * 1_000_000
    }
  }

  /// Ends records after which nothing came for a while. The checkpoint has where, before they are sent: when they are read again, more
  /// may stand behind them.
  private func endRecords(_ now: UInt64) {
    guard options.multiline != nil || options.container != nil else { return }
    let timeout = UInt64(max(options.multiline?.timeout ?? MultilineOptions.usualTimeout, 0)) * 1_000_000
    let due = follower.files.values.filter { $0.openEnd != nil && now >= $0.changed + timeout }
    guard !due.isEmpty else { return }
    let open = due.map { ($0, $0.openEnd, $0.unended) }
    for file in due { file.endRecord() }
    guard !store() else { return }
    for (file, end, unended) in open {
      if let end { file.forget(end: end) }
      (file.openEnd, file.unended) = (end, unended)
    }
  }

  /// Reads files in turn until the batch is full or nothing is left.
  private func fill(_ now: UInt64) {
    endRecords(now)
    let wall = clock.wall()
    let time = Array("\"\(TimeText.of(wall))\"".utf8)
    var hasMore = true
    while hasMore, !batch.isFull {
      hasMore = false
      for file in follower.turns() where !batch.isFull {
        do {
          if follower.isFinishDue(file, now: now) {
            batch.begin(wall)
            try reader.finish(file, into: &batch, time: time)
          }
          guard file.isReadable else { continue }
          batch.begin(wall)
          switch try reader.read(file, into: &batch, budget: 512 << 10, time: time) {
          case .caughtUp:
            file.refresh(now: now, wall: wall)
            if file.file.packed != nil, file.isReadable { hasMore = true }
          case .more: hasMore = true
          case .replaced:
            follower.replaced(file, now: now)
            nextScan = now
          }
        } catch {
          follower.problems.append("\(error)")
        }
      }
    }
    if batch.isEmpty { batch.forgetTime() }
  }

  /// The batch, where it is full or has waited long enough.
  private func takeBatch() -> BulkBatch? {
    guard let time = batch.time, !batch.isEmpty else { return nil }
    guard batch.isFull || deadline != nil || clock.wall() - time >= options.linger else { return nil }
    return batch.take()
  }

  private func settle(_ result: BulkSender.Result?) {
    guard let result else { return }
    limit.note(size: result.bytes, wasTooLarge: result.wasTooLarge)
    batch.mostBytes = limit.bytes
    settlement.end(result)
    settlement.settle(follower, now: clock.wall())
  }

  /// - Returns: whether the disk has the checkpoint.
  @discardableResult
  private func store() -> Bool { settlement.store(follower) }

  /// Milliseconds until there may be something to do.
  private func pause(_ now: UInt64) -> Int64 {
    var pause = Int64(clamping: (max(nextScan, now) - now) / 1_000_000) + 1
    if let deadline { pause = min(pause, Int64(clamping: (max(deadline, now) - now) / 1_000_000) + 1) }
    if settlement.underWay < options.connections, let time = batch.time {
      pause = min(pause, max(time + options.linger - clock.wall(), 1))
    }
    return min(pause, max(options.checkpointInterval, 10))
  }

  private func show() {
    nextShow = clock.monotonic() + 50_000_000
    let changed = follower.changes.take()
    let oldest = [settlement.oldest, batch.isEmpty ? nil : batch.time].compactMap(\.self).min()
    status.update { statistics, board in
      board.take(changed, of: follower)
      board.oldestUnderWay = oldest
      statistics.lost = follower.lost
      statistics.deadLetterBytes = settlement.deadBytes
      statistics.held = follower.held.count + follower.packs.count
      statistics.damaged = follower.damaged
      statistics.waiting = follower.waiting
      statistics.unwatched = unwatched
    }
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 { Int64(clamping: Int((self / .milliseconds(1)).rounded(.up))) }
}
