/// The steps of a stage's cycle in a process of its own, for whoever wants to see what an end in the middle of one does.
public enum ServiceStep: String, Sendable, CaseIterable {
  /// Events have come in from the bus, or are in the journal, and nothing was done with them.
  case read
  /// What follows from them is known to this process alone.
  case computed
  /// It is on its way to the bus.
  case published
  /// A snapshot is about to be written.
  case saving
  /// It is on the disk, and nobody has heard of it.
  case saved
  /// The input is about to be let go of.
  case covering
  /// It was.
  case covered
  /// Rows are in the store.
  case committed
}
