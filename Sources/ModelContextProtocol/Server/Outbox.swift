import Synchronization

/// What waits to be written to a client, in its order. Whoever produces more than the client reads waits
/// for ``room()``; answers are taken in any case, since their number is bounded.
final class Outbox: Sendable {
  /// One message, encoded.
  struct Entry: Sendable {
    var bytes: [UInt8]
    var place: Outgoing.Place
    fileprivate var isBroadcast: Bool
  }

  private struct State {
    var entries: [Entry] = []
    /// The first entry that is not taken.
    var first = 0
    var bytes = 0
    /// Broadcasts that wait: the same one again says nothing new.
    var broadcasts: Set<[UInt8]> = []
    var isClosed = false
    var taker: CheckedContinuation<Entry?, Never>?
    var guests: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var nextGuest: UInt64 = 0

    mutating func pop() -> Entry? {
      guard first < entries.count else { return nil }
      let entry = entries[first]
      first += 1
      if first * 2 > entries.count {
        entries.removeFirst(first)
        first = 0
      }
      bytes -= entry.bytes.count
      if entry.isBroadcast { broadcasts.remove(entry.bytes) }
      return entry
    }
  }

  private let state = Mutex(State())
  private let limit: Int

  /// - Parameter limit: how many bytes may wait before those who can wait have to.
  init(limit: Int) { self.limit = limit }

  /// Puts a message at the end; nothing once it is closed.
  ///
  /// - Parameter isBroadcast: whether it says nothing new while the same one waits already.
  func append(_ message: Outgoing, isBroadcast: Bool = false) {
    let entry = Entry(bytes: message.message.json.encoded, place: message.place, isBroadcast: isBroadcast)
    let taker: CheckedContinuation<Entry?, Never>? = state.withLock { state in
      guard !state.isClosed else { return nil }
      if isBroadcast, !state.broadcasts.insert(entry.bytes).inserted { return nil }
      state.entries.append(entry)
      state.bytes += entry.bytes.count
      guard let taker = state.taker else { return nil }
      state.taker = nil
      return taker
    }
    taker?.resume(returning: next())
  }

  /// The first message that waits. Those who wait for room go on where there is some.
  private func next() -> Entry? {
    let (entry, guests): (Entry?, [CheckedContinuation<Void, Never>]) = state.withLock { state in
      let entry = state.pop()
      guard state.bytes < limit else { return (entry, []) }
      defer { state.guests = [:] }
      return (entry, Array(state.guests.values))
    }
    for guest in guests { guest.resume() }
    return entry
  }

  /// The next message, once there is one; nil where it is closed and empty, or the task is cancelled. One
  /// task may ask.
  func take() async -> Entry? {
    if let ready = next() { return ready }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          guard state.first == state.entries.count, !state.isClosed, !Task.isCancelled else { return true }
          state.taker = continuation
          return false
        }
        if isOver { continuation.resume(returning: next()) }
      }
    } onCancel: {
      state.withLock { state in
        defer { state.taker = nil }
        return state.taker
      }?.resume(returning: nil)
    }
  }

  /// Returns once less waits than may, it is closed, or the task is cancelled.
  func room() async {
    let number = state.withLock { state in
      state.nextGuest += 1
      return state.nextGuest
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          guard state.bytes >= limit, !state.isClosed, !Task.isCancelled else { return true }
          state.guests[number] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.guests.removeValue(forKey: number) }?.resume()
    }
  }

  /// Takes nothing more. What waits may still be taken.
  func close() {
    let (taker, guests) = state.withLock { state in
      state.isClosed = true
      defer {
        state.taker = nil
        state.guests = [:]
      }
      return (state.taker, Array(state.guests.values))
    }
    taker?.resume(returning: nil)
    for guest in guests { guest.resume() }
  }
}
