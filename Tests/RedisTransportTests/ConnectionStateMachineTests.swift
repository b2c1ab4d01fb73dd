import Testing

@testable import RedisTransport

@Suite("The logic of a connection")
struct ConnectionStateMachineTests {
  typealias Machine = ConnectionStateMachine<Int>

  private func machine(commands: Int = 4, bytes: Int = 1_000) -> Machine {
    Machine(address: "here:1", maximumCommands: commands, maximumBytes: bytes)
  }

  private func ready(commands: Int = 4, bytes: Int = 1_000) -> Machine {
    var machine = machine(commands: commands, bytes: bytes)
    _ = machine.opened(greeting: [], deadline: 10)
    return machine
  }

  /// The actions as short words.
  private func words(_ actions: [Machine.Action]) -> [String] {
    actions.map { action in
      switch action {
      case .write(let commands): "write " + commands.map(\.name).joined(separator: ",")
      case .admit(let ticket): "admit \(ticket)"
      case .succeed(let ticket, let values): "succeed \(ticket) \(values.count)"
      case .fail(let ticket, let error): "fail \(ticket) \(error.kind) \(error.outcome)"
      case .becomeReady: "ready"
      case .close(let error): "close \(error.kind)"
      }
    }
  }

  @Test("commands wait until the server has agreed to who we are")
  func greeting() {
    var machine = machine()
    #expect(words(machine.submit(1, [RedisCommand("GET", "a")], deadline: 100)).isEmpty)
    #expect(
      words(machine.opened(greeting: [RedisCommand("AUTH"), RedisCommand("PING")], deadline: 10)) == [
        "write AUTH,PING"
      ])
    #expect(words(machine.received(.status("OK"))).isEmpty)
    #expect(words(machine.received(.status("PONG"))) == ["ready", "write GET", "admit 1"])
    #expect(words(machine.received(.null)) == ["succeed 1 1"])
    #expect(machine.commandsUnderWay == 0 && machine.bytesUnderWay == 0)
  }

  @Test("a refused greeting ends the connection, and what waited was not done")
  func refusedGreeting() {
    var machine = machine()
    _ = machine.submit(1, [RedisCommand("GET", "a")], deadline: 100)
    _ = machine.opened(greeting: [RedisCommand("AUTH")], deadline: 10)
    let actions = machine.received(.error(RedisRefusal(message: "WRONGPASS invalid")))
    #expect(words(actions) == ["close wrongCredential", "fail 1 wrongCredential notDone"])
  }

  @Test("a refused command is an answer, and ends nothing")
  func refusal() {
    var machine = ready()
    _ = machine.submit(1, [RedisCommand("SET"), RedisCommand("GET")], deadline: 100)
    #expect(words(machine.received(.error(RedisRefusal(message: "OOM")))).isEmpty)
    #expect(words(machine.received(.null)) == ["succeed 1 2"])
    #expect(machine.state == .ready)
  }

  @Test("who sends more than there is room for waits, in order; what is larger than the room goes alone")
  func backPressure() {
    var machine = ready(commands: 2, bytes: 10)
    #expect(words(machine.submit(1, [RedisCommand("AAAA")], deadline: 100)) == ["write AAAA", "admit 1"])
    #expect(words(machine.submit(2, [RedisCommand("BBBBBBBB")], deadline: 100)).isEmpty)
    #expect(words(machine.submit(3, [RedisCommand("C")], deadline: 100)).isEmpty)
    #expect(
      words(machine.received(.null)) == ["succeed 1 1", "write BBBBBBBB", "admit 2", "write C", "admit 3"])
    let large = RedisCommand(String(repeating: "L", count: 50))
    #expect(words(machine.submit(4, [large], deadline: 100)).isEmpty)
    #expect(words(machine.received(.null)) == ["succeed 2 1"])
    #expect(words(machine.received(.null)) == ["succeed 3 1", "write \(large.name)", "admit 4"])
  }

  @Test("when the connection ends, what was sent has an unknown outcome, and what waited was not done")
  func end() {
    var machine = ready(commands: 2)
    _ = machine.submit(1, [RedisCommand("A"), RedisCommand("B")], deadline: 100)
    _ = machine.submit(2, [RedisCommand("C")], deadline: 100)
    _ = machine.received(.null)
    let actions = machine.close(RedisError(.connectionLost, address: "here:1"))
    #expect(
      words(actions) == [
        "close connectionLost", "fail 1 connectionLost unknown", "fail 2 connectionLost notDone",
      ])
    guard case .fail(_, let error) = actions[1] else { return }
    #expect(error.command == "B", "the first without an answer")
    #expect(words(machine.submit(3, [RedisCommand("D")], deadline: 100)) == ["fail 3 connectionLost notDone"])
    #expect(words(machine.close(RedisError(.closed, address: "here:1"))).isEmpty)
    #expect(words(machine.received(.null)).isEmpty)
  }

  @Test("an answer that does not come in time ends the connection; an earlier look does nothing")
  func deadline() {
    var machine = ready()
    _ = machine.submit(1, [RedisCommand("A")], deadline: 50)
    _ = machine.submit(2, [RedisCommand("B")], deadline: 30)
    #expect(machine.nextDeadline == 30)
    #expect(words(machine.expire(now: 29)).isEmpty)
    #expect(
      words(machine.expire(now: 30)) == [
        "close timedOut", "fail 1 timedOut unknown", "fail 2 timedOut unknown",
      ])
    #expect(machine.nextDeadline == nil)
  }

  @Test("who waited for room in vain was not sent, and the connection goes on")
  func waitedInVain() {
    var machine = ready(commands: 1)
    _ = machine.submit(1, [RedisCommand("A")], deadline: 50)
    _ = machine.submit(2, [RedisCommand("B")], deadline: 30)
    #expect(words(machine.expire(now: 30)) == ["fail 2 timedOut notDone"])
    #expect(words(machine.received(.null)) == ["succeed 1 1"])
  }

  @Test("an answer that nobody asked for ends the connection")
  func unasked() {
    var machine = ready()
    #expect(words(machine.received(.status("OK"))) == ["close protocolViolation"])
  }

  @Test("no command is lost or answered twice, whatever happens", arguments: UInt64(1)...100)
  func accounts(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var machine = machine(commands: Int.random(in: 1...6, using: &random), bytes: 20)
    var expected: [Int: Int] = [:]
    var ended: Set<Int> = []
    var written = 0
    var answered = 0
    func note(_ actions: [Machine.Action]) {
      for action in actions {
        switch action {
        case .write(let commands): written += commands.count
        case .succeed(let ticket, let values):
          #expect(ended.insert(ticket).inserted)
          #expect(values.count == expected[ticket])
        case .fail(let ticket, _): #expect(ended.insert(ticket).inserted)
        case .admit, .becomeReady, .close: break
        }
      }
    }
    note(machine.opened(greeting: [RedisCommand("PING")], deadline: 10))
    for ticket in 0..<200 {
      if Int.random(in: 0..<2, using: &random) == 0 {
        let count = Int.random(in: 0...3, using: &random)
        expected[ticket] = count
        note(
          machine.submit(ticket, (0..<count).map { RedisCommand("C\($0)") }, deadline: UInt64(1_000 + ticket))
        )
      }
      while answered < written, Int.random(in: 0..<3, using: &random) > 0 {
        answered += 1
        note(machine.received(.integer(Int64(answered))))
      }
      #expect(machine.commandsUnderWay == written - answered)
    }
    note(machine.close(RedisError(.connectionLost, address: "here:1")))
    #expect(ended == Set(expected.keys))
  }
}
