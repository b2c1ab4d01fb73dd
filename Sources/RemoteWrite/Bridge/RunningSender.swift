import TaskTiming

/// An endpoint's sender that can be ended while the others go on.
final class RunningSender: Sendable {
  let sender: EndpointSender
  /// Set to end it at once; what is not sent stays on disk.
  let ending = Signal()
  /// Set when it has ended.
  let ended = Signal()
  /// Set to wait no longer for what it still sends.
  let hurrying = Signal()
  /// Set when it has given up the folder.
  let closed = Signal()

  init(_ sender: EndpointSender) { self.sender = sender }

  var endpoint: WriteEndpoint { sender.endpoint }

  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [sender] in await sender.run() }
      group.addTask { [ending] in await ending.wait() }
      await group.next()
      group.cancelAll()
    }
    ended.set()
  }

  /// Ends it and gives up the folder.
  ///
  /// - Parameters:
  ///   - limit: how long it goes on sending what waits.
  ///   - hurry: ends it at once when it is set, as ``hurrying`` does.
  func close(after limit: Duration = .zero, hurry: Signal = Signal(), clock: TaskClock) async {
    if limit > .zero {
      sender.draining.set()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await self.ended.wait(atMost: limit, clock: clock) }
        group.addTask { await hurry.wait() }
        group.addTask { [hurrying] in await hurrying.wait() }
        await group.next()
        group.cancelAll()
      }
    }
    ending.set()
    // Also where this task is cancelled: nobody else has the folder before.
    while !ended.isSet {
      await ended.wait()
      await Task.yield()
    }
    await sender.close()
    closed.set()
  }
}
