import CDBDomain
import Synchronization

/// A message as it is going to be journaled.
struct ReceivedFrame: Sendable {
  /// The instrument's index; added to the number that the connection's sources begin at.
  var instrument: UInt16
  var time: EventTime
  var bytes: [UInt8]
}

/// What has come in and was not taken yet: a lane a connection, taken in the order in which the connections were
/// opened. A lane that is full holds up its connection, and through it the exchange.
///
/// Lanes are why a replaced connection makes no gap: the next one's frames wait until the last of the old one is
/// taken.
final class FrameInbox: Sendable {
  private struct Lane {
    let id: BinanceSession.ConnectionID
    var frames: [ReceivedFrame] = []
    var bytes = 0
    var isClosed = false
    /// Waits for room.
    var producer: CheckedContinuation<Void, Never>?
  }

  private struct State {
    var lanes: [Lane] = []
    /// Snapshots: as late as they are asked for, they are about what was taken, and wait for nothing.
    var snapshots: [ReceivedFrame] = []
    var consumer: CheckedContinuation<Void, Never>?

    var isEmpty: Bool { snapshots.isEmpty && (lanes.first?.frames.isEmpty ?? true) }

    mutating func takeConsumer() -> CheckedContinuation<Void, Never>? {
      defer { consumer = nil }
      return consumer
    }
  }

  private let maximumFrames: Int
  private let maximumBytes: Int
  private let state = Mutex(State())

  /// Bounds of the lane that is taken from, and of all behind it together: the first must not wait for the others,
  /// nor may a consumer that stands still be the end of all memory.
  init(maximumFrames: Int = 4_096, maximumBytes: Int = 16 << 20) {
    self.maximumFrames = maximumFrames
    self.maximumBytes = maximumBytes
  }

  func open(_ id: BinanceSession.ConnectionID) { state.withLock { $0.lanes.append(Lane(id: id)) } }

  /// Nothing more comes in this lane.
  func close(_ id: BinanceSession.ConnectionID) {
    let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>?] in
      var producer: CheckedContinuation<Void, Never>?
      if let index = state.lanes.firstIndex(where: { $0.id == id }) {
        producer = state.lanes[index].producer
        state.lanes[index].producer = nil
        state.lanes[index].isClosed = true
      }
      Self.dropEmptied(&state)
      return [producer, state.isEmpty ? nil : state.takeConsumer()]
    }
    for continuation in waiting { continuation?.resume() }
  }

  /// Adds a frame, and returns once the lane has room for another. A cancelled task does not wait.
  ///
  /// - Returns: false where the lane is closed, and the frame is not taken.
  func put(_ frame: ReceivedFrame, in id: BinanceSession.ConnectionID) async -> Bool {
    let isNowFull = state.withLock { state -> Bool? in
      guard let index = state.lanes.firstIndex(where: { $0.id == id }), !state.lanes[index].isClosed else {
        return nil
      }
      state.lanes[index].frames.append(frame)
      state.lanes[index].bytes += frame.bytes.count
      return isFull(state.lanes, index)
    }
    guard let isNowFull else { return false }
    wake()
    guard isNowFull else { return true }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let mustWait = state.withLock { state -> Bool in
          guard !Task.isCancelled, let index = state.lanes.firstIndex(where: { $0.id == id }),
            isFull(state.lanes, index), !state.lanes[index].isClosed
          else { return false }
          state.lanes[index].producer = continuation
          return true
        }
        if !mustWait { continuation.resume() }
      }
    } onCancel: {
      let producer = state.withLock { state -> CheckedContinuation<Void, Never>? in
        guard let index = state.lanes.firstIndex(where: { $0.id == id }) else { return nil }
        defer { state.lanes[index].producer = nil }
        return state.lanes[index].producer
      }
      producer?.resume()
    }
    return true
  }

  func put(snapshot: ReceivedFrame) {
    state.withLock { $0.snapshots.append(snapshot) }
    wake()
  }

  /// Up to `maximum` frames; none where nothing came for `limit`, or the task was cancelled.
  func take(maximum: Int, waiting limit: Duration) async -> [ReceivedFrame] {
    let frames = takeNow(maximum)
    guard frames.isEmpty else { return frames }
    await withTaskGroup { group in
      group.addTask { await self.waitForFrame() }
      group.addTask { try? await Task.sleep(for: limit) }
      await group.next()
      group.cancelAll()
    }
    return takeNow(maximum)
  }

  private func takeNow(_ maximum: Int) -> [ReceivedFrame] {
    let (frames, producers) = state.withLock {
      state -> ([ReceivedFrame], [CheckedContinuation<Void, Never>]) in
      let count = min(maximum, state.snapshots.count)
      var frames = Array(state.snapshots.prefix(count))
      state.snapshots.removeFirst(count)
      guard !state.lanes.isEmpty else { return (frames, []) }
      let taken = state.lanes[0].frames.prefix(maximum - count)
      frames += taken
      state.lanes[0].bytes -= taken.reduce(0) { $0 + $1.bytes.count }
      state.lanes[0].frames.removeFirst(taken.count)
      var producers: [CheckedContinuation<Void, Never>] = []
      Self.dropEmptied(&state)
      for index in state.lanes.indices where !isFull(state.lanes, index) {
        if let producer = state.lanes[index].producer { producers.append(producer) }
        state.lanes[index].producer = nil
      }
      return (frames, producers)
    }
    for producer in producers { producer.resume() }
    return frames
  }

  /// Whether a connection waits until something is taken.
  var isHoldingUp: Bool { state.withLock { $0.lanes.contains { $0.producer != nil } } }

  private func isFull(_ lanes: [Lane], _ index: Int) -> Bool {
    let counted = index == 0 ? lanes[0...0] : lanes[...]
    return counted.reduce(0) { $0 + $1.frames.count } >= maximumFrames
      || counted.reduce(0) { $0 + $1.bytes } >= maximumBytes
  }

  private static func dropEmptied(_ state: inout State) {
    while let first = state.lanes.first, first.isClosed, first.frames.isEmpty { state.lanes.removeFirst() }
  }

  private func wake() {
    let consumer = state.withLock { $0.isEmpty ? nil : $0.takeConsumer() }
    consumer?.resume()
  }

  private func waitForFrame() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let mustWait = state.withLock { state -> Bool in
          guard state.isEmpty, !Task.isCancelled else { return false }
          state.consumer = continuation
          return true
        }
        if !mustWait { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.takeConsumer() }?.resume()
    }
  }
}
