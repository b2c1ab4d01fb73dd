import Glibc

/// The writing end: one segment that grows, and the rules by which segments come and go.
///
/// A value that ``DurableQueue`` keeps under a lock. Everything it publishes goes through the catalog.
struct SegmentWriter {
  let directory: QueueDirectory
  let options: DurableQueueOptions
  let system: SystemCalls
  let catalog: SegmentCatalog

  private(set) var active: ActiveSegment
  private(set) var nextSequence: UInt64
  /// Closed segments that still wait for an `fdatasync`, oldest first.
  private(set) var sealed: [OpenFile] = []
  /// Released, and with it the lock, when the queue is closed.
  private var lock: OpenFile?
  private var failure: DurableQueueError?
  /// The segment that was written is gone: nothing is appended any more. What came before can be synced all the same, for
  /// those who wait for it.
  private var removal: DurableQueueError?
  /// A failed write left bytes behind the last record, and cutting them failed too.
  private var mustCut = false
  private var trimmedThrough: UInt64 = 0
  /// Whether there is room for the next segment's header, whatever the disk says.
  private var hasSpare = false
  /// The batch on its way to the disk; kept for its capacity.
  private var staging: [UInt8] = []

  init(
    directory: QueueDirectory, options: DurableQueueOptions, system: SystemCalls, catalog: SegmentCatalog,
    active: ActiveSegment, nextSequence: UInt64, lock: OpenFile
  ) {
    self.directory = directory
    self.options = options
    self.system = system
    self.catalog = catalog
    self.active = active
    self.nextSequence = nextSequence
    self.lock = lock
    reserveSpare()
  }

  /// Appends all of `batch` or nothing.
  mutating func append(_ batch: RecordBatch) throws(DurableQueueError) -> ClosedRange<UInt64> {
    try check(batch)
    do throws(DurableQueueError) {
      try requireActive()
      try cutIfNeeded()
      try makeRoom(for: batch.byteCount)
      if !active.isEmpty, active.end + batch.byteCount > options.segmentBytes { try roll() }
      do throws(DurableQueueError) {
        try write(batch)
      } catch {
        guard error.isFullDisk, freeNewest() else { throw error }
        try write(batch)
      }
    } catch {
      let refused = UInt64(batch.count)
      catalog.update {
        if case .full = error { $0.dropped.full += refused } else { $0.dropped.failed += refused }
      }
      throw error
    }
    let first = nextSequence
    active.end += batch.byteCount
    nextSequence += UInt64(batch.count)
    catalog.update { $0.grow(byRecords: batch.count, bytes: batch.byteCount) }
    if !hasSpare { reserveSpare() }
    return first...(nextSequence - 1)
  }

  /// Removes the segments that hold nothing beyond `sequence`; the newest stays.
  mutating func trim(through sequence: UInt64) throws(DurableQueueError) {
    guard lock != nil else { throw .closed }
    trimmedThrough = max(trimmedThrough, min(sequence, nextSequence - 1))
    while let second = catalog.read({ $0.entries.count > 1 ? $0.entries[1].firstSequence : nil }),
      second - 1 <= trimmedThrough
    {
      try removeOldest()
    }
  }

  /// What an `fdatasync` has to cover, and through which sequence it then reaches.
  func pendingSync() throws(DurableQueueError) -> (files: [OpenFile], through: UInt64) {
    guard lock != nil else { throw .closed }
    if let failure { throw failure }
    return (sealed + [active.file], nextSequence - 1)
  }

  /// The files were synced; those that are closed need it no more.
  mutating func didSync(_ files: [OpenFile]) {
    sealed.removeAll { file in files.contains { $0 === file } }
  }

  /// An `fdatasync` failed. The kernel may have forgotten the pages that it could not write, so a second
  /// one that succeeds would prove nothing: the queue stops here.
  mutating func stop(_ error: DurableQueueError) {
    failure = error
  }

  mutating func close() {
    lock = nil
  }

  /// Finds room for a batch that may come, without dropping anything.
  ///
  /// - Throws: ``DurableQueueError/full(bytes:maximumBytes:batchBytes:)`` where there is none.
  mutating func findRoom(for batchBytes: Int, within bound: Int) throws(DurableQueueError) {
    guard lock != nil else { throw .closed }
    if let failure { throw failure }
    try requireActive()
    try cutIfNeeded()
    try makeRoom(for: batchBytes, within: bound)
  }

  private func check(_ batch: RecordBatch) throws(DurableQueueError) {
    guard lock != nil else { throw .closed }
    if let failure { throw failure }
    if let bytes = batch.refusedPayloadBytes { throw .recordTooLarge(bytes: bytes) }
    guard !batch.isEmpty else { throw .emptyBatch }
    guard batch.byteCount + 2 * Format.headerBytes <= options.maximumBytes else {
      throw .batchTooLarge(bytes: batch.byteCount, maximumBytes: options.maximumBytes)
    }
    guard nextSequence + UInt64(batch.count) <= Format.maximumSequence else {
      throw .system(operation: "append", path: directory.path, errno: EOVERFLOW)
    }
  }

  private mutating func write(_ batch: RecordBatch) throws(DurableQueueError) {
    staging.removeAll(keepingCapacity: true)
    staging.append(contentsOf: batch.storage)
    let (salt, first) = (active.header.salt, nextSequence)
    staging.withUnsafeMutableBytes { bytes in
      var (offset, sequence) = (0, first)
      while offset < bytes.count {
        offset = RecordFrame.seal(bytes, at: offset, sequence: sequence, salt: salt)
        sequence += 1
      }
    }
    let code = staging.withUnsafeBytes {
      system.writeAll($0, to: active.file.descriptor, at: active.end)
    }
    guard code != 0 else { return }
    mustCut = true
    try? cutIfNeeded()
    throw .system(operation: "write", path: directory.path(of: active.file.name), errno: code)
  }

  /// Records in a file that has no name any more would be gone with the process, and nobody would know. So the queue
  /// stops; an empty segment is made first, so that the next opening goes on behind what is lost.
  private mutating func requireActive() throws(DurableQueueError) {
    if let removal { throw removal }
    let name = active.file.name
    guard !active.file.stands(at: directory.path(of: name)) else { return }
    let first = active.header.firstSequence
    let error = DurableQueueError.removed(
      file: name, lost: first < nextSequence ? first...(nextSequence - 1) : nil)
    // A segment without a record would get the name of the one that is missing: opening makes it.
    if first < nextSequence { try roll() }
    removal = error
    throw error
  }

  /// Cuts what a failed write left. No append goes on before this succeeds: a shorter batch would leave
  /// whole records of the failed one behind it.
  private mutating func cutIfNeeded() throws(DurableQueueError) {
    guard mustCut else { return }
    let code = system.truncate(active.file.descriptor, active.end)
    guard code == 0 else {
      throw .system(operation: "ftruncate", path: directory.path(of: active.file.name), errno: code)
    }
    mustCut = false
  }

  /// Frees what is consumed, and where nothing else helps, drops what is oldest.
  ///
  /// - Parameter bound: where another one than the queue's own is kept; for its sake nothing is dropped.
  private mutating func makeRoom(for batchBytes: Int, within bound: Int? = nil) throws(DurableQueueError) {
    let needed = batchBytes + Format.headerBytes
    while true {
      let (bytes, segments) = catalog.read { ($0.bytes, $0.entries.count) }
      if bytes + needed <= bound ?? options.maximumBytes { return }
      let drops = bound == nil && options.whenFull == .dropOldest
      if segments > 1, drops {
        let records = catalog.read { $0.oldestRecords }
        try removeOldest()
        catalog.update { $0.dropped.oldest += records }
      } else if segments > 1, trimmedThrough >= nextSequence - 1 {
        try removeOldest()
      } else if segments == 1, !active.isEmpty, drops || trimmedThrough >= nextSequence - 1 {
        // Even the segment being written is consumed or to be dropped: close it, so that it can go.
        try roll()
      } else {
        throw .full(bytes: bytes, maximumBytes: bound ?? options.maximumBytes, batchBytes: batchBytes)
      }
    }
  }

  /// On a full disk: lets the segment that is written go where all of it is consumed. Its successor's header stands in the spare.
  ///
  /// - Returns: whether there may be room now.
  private mutating func freeNewest() -> Bool {
    guard hasSpare, !mustCut, !active.isEmpty, trimmedThrough >= nextSequence - 1 else { return false }
    do throws(DurableQueueError) {
      try roll()
      try trim(through: trimmedThrough)
    } catch {
      return false
    }
    return true
  }

  private mutating func reserveSpare() {
    guard options.keepsSpare, !hasSpare else { return }
    hasSpare = ActiveSegment.reserve(in: directory)
  }

  private mutating func roll() throws(DurableQueueError) {
    let inSpare = hasSpare
    hasSpare = false
    let next = try ActiveSegment.create(
      in: directory, firstSequence: nextSequence, predecessor: active.header.firstSequence, inSpare: inSpare,
      system: system)
    sealed.append(active.file)
    active = next
    let entry = SegmentCatalog.Entry(firstSequence: nextSequence, bytes: Format.headerBytes)
    catalog.update { $0.add(entry) }
  }

  private mutating func removeOldest() throws(DurableQueueError) {
    let name = SegmentName.render(catalog.read { $0.entries[0].firstSequence })
    try directory.remove(name)
    // A file that waits for its sync would keep its blocks, and nobody needs it durable any more.
    sealed.removeAll { $0.name == name }
    catalog.update { $0.removeOldest() }
  }
}
