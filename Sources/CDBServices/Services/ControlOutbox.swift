import CDBDomain

/// What a gate process has to send to ws, and how much of it has arrived. A value: whoever sends is elsewhere.
struct ControlOutbox: Sendable {
  /// Controls that one request may have: they are small, and a request has a limit of bytes.
  static let mostControls = 32

  private struct Waiting: Sendable {
    var control: Control
    /// Ahead of its place, where it comes again.
    var isAhead = false
  }

  private(set) var sender: String
  /// The number of the oldest that is waiting.
  private var first: UInt64 = 1
  private var waiting: [Waiting] = []
  private var wantsBarrier = false
  /// So many are sent at once; one after another where a request was not understood.
  private var batch = ControlOutbox.mostControls

  init(sender: String) { self.sender = sender }

  var isEmpty: Bool { waiting.isEmpty && !wantsBarrier }
  var count: Int { waiting.count }
  /// How many more it takes.
  var room: Int { max(0, Self.mostControls - waiting.count) }

  mutating func add(_ controls: [Control], wantsBarrier: Bool) {
    waiting += controls.map { Waiting(control: $0) }
    self.wantsBarrier = self.wantsBarrier || wantsBarrier
  }

  /// Whether there is room for a stop that does not wait for its turn.
  var takesStop: Bool { waiting.count <= Self.mostControls }

  /// A stop goes ahead of all that was not added yet.
  mutating func hurry(_ stop: Control) { waiting.append(Waiting(control: stop, isAhead: true)) }

  /// What is to be sent next; without controls it says that the sender lives.
  var input: ControlInput {
    // One more than it takes, for a stop.
    let count = batch < Self.mostControls ? batch : batch + 1
    return ControlInput(
      sender: sender, first: first, controls: waiting.prefix(count).map(\.control), wantsBarrier: wantsBarrier
    )
  }

  /// An answer has come.
  ///
  /// - Returns: how many of the oldest are in the journal now. Numbers that were not sent count for nothing, and what went ahead of
  ///   its place counts there.
  mutating func take(_ receipt: ControlReceipt, of input: ControlInput) -> Int {
    if input.wantsBarrier { wantsBarrier = false }
    guard receipt.taken >= first else { return 0 }
    let done = Int(min(receipt.taken - first + 1, UInt64(input.controls.count)))
    let inPlace = waiting.prefix(done).count { !$0.isAhead }
    waiting.removeFirst(done)
    first += UInt64(done)
    if done > 0 { batch = Self.mostControls }
    return inPlace
  }

  /// ws does not understand what was sent. What is not understood by itself is given up, and the numbers go on under another
  /// name, since ws takes none that comes too early.
  ///
  /// - Returns: the control that is given up; nil where they are sent one by one first, or where it comes again.
  mutating func notUnderstood(as name: String) -> Control? {
    guard batch > 1 else {
      guard !waiting.isEmpty else { return nil }
      sender = name
      first += 1
      let lost = waiting.removeFirst()
      return lost.isAhead ? nil : lost.control
    }
    batch = 1
    return nil
  }

  /// ws lacks what was sent before, so it was in another journal: the numbers go on under another name.
  mutating func beginAnew(as name: String) { sender = name }
}
