import DurableQueue

extension CheckpointStore {
  /// Opens the journal that the checkpoints here follow from, for writing.
  ///
  /// - Throws: ``PipelineError/journalEndDamaged(journal:needed:)``, and what the journal throws.
  func openJournal(in directory: String, options: DurableQueueOptions) throws -> Journal {
    try check(journalIn: directory)
    return try Journal(directory: directory, options: options)
  }

  /// Looks at a journal before anybody opens it for writing, which cuts off an end that is no whole record: what a checkpoint
  /// follows from was forced to the disk and is no such end, but damage, and has to stay as it is.
  ///
  /// - Throws: ``PipelineError/journalEndDamaged(journal:needed:)``.
  private func check(journalIn directory: String) throws {
    guard let newest = barriers().last, let needed = try? manifest(of: newest).journalSequence, needed > 0,
      let queue = try? DurableQueue.openForReading(directory: directory),
      let first = try? queue.firstSequence(), first <= needed
    else { return }
    // A record in the middle that cannot be read is a fault that recovery names, if the record is needed.
    guard let batch = try? JournalReader(queue.makeReader(from: needed)).read(maximum: 1) else { return }
    if batch.isEmpty { throw PipelineError.journalEndDamaged(journal: directory, needed: needed) }
  }
}
