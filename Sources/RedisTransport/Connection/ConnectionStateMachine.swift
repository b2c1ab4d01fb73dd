/// The logic of one connection, without sockets or tasks: what is under way in which order, what waits for room, and
/// what an end means for each.
///
/// Times are nanoseconds on any clock that does not go back.
struct ConnectionStateMachine<Ticket> {
  enum State: Equatable {
    /// There is no connection yet; commands wait.
    case connecting
    /// The connection stands; the server has yet to agree to who we are and to the database.
    case greeting
    case ready
    /// Nothing is accepted any more.
    case closed(RedisError)
  }

  enum Action {
    case write([RedisCommand])
    /// There was room, and the commands are on their way.
    case admit(Ticket)
    /// One answer a command, in their order.
    case succeed(Ticket, [RedisValue])
    case fail(Ticket, RedisError)
    /// From now on commands go out.
    case becomeReady
    case close(RedisError)
  }

  /// Commands that are answered together. Without a ticket it is the greeting.
  private struct Submission {
    var ticket: Ticket?
    var names: [String]
    var commands: [RedisCommand]
    var bytes: Int
    var deadline: UInt64
    var replies: [RedisValue] = []
  }

  private(set) var state = State.connecting
  private let address: String
  private let maximumCommands: Int
  private let maximumBytes: Int
  private var underWay: [Submission] = []
  private var underWayHead = 0
  private var waiting: [Submission] = []
  private var waitingHead = 0
  /// Commands that were written and are not answered.
  private(set) var commandsUnderWay = 0
  private(set) var bytesUnderWay = 0

  init(address: String, maximumCommands: Int, maximumBytes: Int) {
    self.address = address
    self.maximumCommands = max(1, maximumCommands)
    self.maximumBytes = max(1, maximumBytes)
  }

  /// The earliest time at which a command's time is over; nil where none is under way or waits.
  var nextDeadline: UInt64? {
    var earliest: UInt64?
    for submission in underWay[underWayHead...] { earliest = min(earliest ?? .max, submission.deadline) }
    for submission in waiting[waitingHead...] { earliest = min(earliest ?? .max, submission.deadline) }
    return earliest
  }

  /// The connection stands: who we are goes out first.
  mutating func opened(greeting: [RedisCommand], deadline: UInt64) -> [Action] {
    guard state == .connecting else { return [] }
    guard !greeting.isEmpty else {
      state = .ready
      return [.becomeReady] + admitted()
    }
    state = .greeting
    underWay.append(submission(nil, greeting, deadline: deadline))
    commandsUnderWay += greeting.count
    return [.write(greeting)]
  }

  mutating func submit(_ ticket: Ticket, _ commands: [RedisCommand], deadline: UInt64) -> [Action] {
    if case .closed(let error) = state {
      return [.fail(ticket, told(error, commands.first?.name, .notDone))]
    }
    guard !commands.isEmpty else { return [.admit(ticket), .succeed(ticket, [])] }
    waiting.append(submission(ticket, commands, deadline: deadline))
    return state == .ready ? admitted() : []
  }

  private func submission(_ ticket: Ticket?, _ commands: [RedisCommand], deadline: UInt64) -> Submission {
    Submission(
      ticket: ticket, names: commands.map(\.name), commands: commands,
      bytes: commands.reduce(0) { $0 + $1.size },
      deadline: deadline)
  }

  /// Moves what waits onto its way while there is room. What is larger than the room goes alone.
  private mutating func admitted() -> [Action] {
    var actions: [Action] = []
    while waitingHead < waiting.count {
      let next = waiting[waitingHead]
      let fits =
        commandsUnderWay + next.names.count <= maximumCommands && bytesUnderWay + next.bytes <= maximumBytes
      guard fits || commandsUnderWay == 0 else { break }
      waitingHead += 1
      commandsUnderWay += next.names.count
      bytesUnderWay += next.bytes
      actions.append(.write(next.commands))
      if let ticket = next.ticket { actions.append(.admit(ticket)) }
      var sent = next
      sent.commands = []
      underWay.append(sent)
    }
    if waitingHead == waiting.count {
      waiting.removeAll(keepingCapacity: true)
      waitingHead = 0
    }
    return actions
  }

  mutating func received(_ value: RedisValue) -> [Action] {
    if case .closed = state { return [] }
    guard underWayHead < underWay.count else {
      return close(
        RedisError(.protocolViolation, address: address, detail: "an answer that nobody asked for"))
    }
    underWay[underWayHead].replies.append(value)
    commandsUnderWay -= 1
    let front = underWay[underWayHead]
    if front.ticket == nil, let refusal = value.refusal {
      return close(RedisError(refusal, address: address, command: front.names[front.replies.count - 1]))
    }
    guard front.replies.count == front.names.count else { return [] }
    bytesUnderWay -= front.ticket == nil ? 0 : front.bytes
    underWayHead += 1
    if underWayHead == underWay.count {
      underWay.removeAll(keepingCapacity: true)
      underWayHead = 0
    } else if underWayHead >= 1_024 {
      underWay.removeFirst(underWayHead)
      underWayHead = 0
    }
    guard let ticket = front.ticket else {
      state = .ready
      return [.becomeReady] + admitted()
    }
    return [.succeed(ticket, front.replies)] + admitted()
  }

  /// Ends the connection where a command has waited too long: answers come in order, so nothing behind it can be told
  /// apart any more. What waited for room in vain ends alone.
  mutating func expire(now: UInt64) -> [Action] {
    if case .closed = state { return [] }
    let late = underWay[underWayHead...].first { $0.deadline <= now }
    if let late {
      return close(
        RedisError(
          .timedOut, address: address, command: late.names[min(late.replies.count, late.names.count - 1)],
          detail: "no answer in time"))
    }
    var actions: [Action] = []
    let kept = waiting[waitingHead...].filter { submission in
      guard submission.deadline <= now, let ticket = submission.ticket else { return true }
      let error = RedisError(
        .timedOut, address: address, detail: "it had to wait too long for room on the connection")
      actions.append(.fail(ticket, told(error, submission.names.first, .notDone)))
      return false
    }
    waiting = Array(kept)
    waitingHead = 0
    return actions
  }

  /// The connection ended, or must.
  mutating func close(_ error: RedisError) -> [Action] {
    if case .closed = state { return [] }
    state = .closed(error)
    var actions: [Action] = [.close(error)]
    for submission in underWay[underWayHead...] {
      guard let ticket = submission.ticket else { continue }
      // Of several commands the first were answered, and the rest not: of all together the outcome is unknown.
      actions.append(
        .fail(
          ticket,
          told(error, submission.names[min(submission.replies.count, submission.names.count - 1)], .unknown))
      )
    }
    for submission in waiting[waitingHead...] {
      guard let ticket = submission.ticket else { continue }
      actions.append(.fail(ticket, told(error, submission.names.first, .notDone)))
    }
    underWay = []
    underWayHead = 0
    waiting = []
    waitingHead = 0
    commandsUnderWay = 0
    bytesUnderWay = 0
    return actions
  }

  private func told(_ error: RedisError, _ command: String?, _ outcome: RedisError.Outcome) -> RedisError {
    var error = error
    if error.command == nil { error.command = command }
    error.outcome = outcome
    return error
  }
}
