import Testing

@testable import CDBPipeline

@Suite("mailbox, the logic without tasks")
struct MailboxStateMachineTests {
  private typealias Machine = MailboxStateMachine<Int, String, String>

  private static func send(_ element: Int, weight: Int, _ machine: inout Machine) -> Bool {
    if case .accepted = machine.send(element, weight: weight) { return true }
    return false
  }

  private static func receive(_ lanes: Machine.Lanes = .both, _ machine: inout Machine) -> Int? {
    if case .element(let element, _) = machine.receive(lanes) { return element }
    return nil
  }

  @Test("an element heavier than the capacity goes in alone, and nothing beside it")
  func heavy() {
    var machine = Machine(capacity: 10)
    #expect(Self.send(1, weight: 500, &machine))
    #expect(machine.isFull)
    #expect(!Self.send(2, weight: 1, &machine))
    #expect(Self.receive(.both, &machine) == 1)
    #expect(machine.weight == 0)
    #expect(Self.send(2, weight: 1, &machine))
  }

  @Test("what is received makes room only below the capacity; then everyone who waits is woken")
  func waking() {
    var machine = Machine(capacity: 3)
    for element in 1...2 { #expect(Self.send(element, weight: 3 * element, &machine) == (element == 1)) }
    machine.enqueue("a")
    machine.enqueue("b")
    guard case .element(1, let woken) = machine.receive(.both) else {
      Issue.record("an element was expected")
      return
    }
    #expect(woken == ["a", "b"])
  }

  @Test("the priority lane goes first and weighs nothing")
  func priority() {
    var machine = Machine(capacity: 1)
    #expect(Self.send(1, weight: 1, &machine))
    for element in [10, 11] { _ = machine.sendPriority(element) }
    #expect(machine.weight == 1)
    #expect((0..<3).map { _ in Self.receive(.both, &machine) } == [10, 11, 1])
  }

  @Test("who waits for the priority lane is handed nothing of the other")
  func priorityOnly() {
    var machine = Machine(capacity: 4)
    machine.wait("receiver", .priorityOnly)
    guard case .accepted(resume: nil) = machine.send(1, weight: 1) else {
      Issue.record("the receiver was woken")
      return
    }
    #expect(Self.receive(.priorityOnly, &machine) == nil)
    guard case .accepted(resume: ("receiver", 10)?) = machine.sendPriority(10) else {
      Issue.record("the receiver was not woken")
      return
    }
    #expect(Self.receive(.both, &machine) == 1)
  }

  @Test("closing wakes all, keeps what is stored, and accepts nothing more")
  func closing() {
    var machine = Machine(capacity: 1)
    #expect(Self.send(1, weight: 1, &machine))
    machine.enqueue("sender")
    let woken = machine.close()
    #expect(woken.senders == ["sender"])
    guard case .closed = machine.send(2, weight: 1), case .closed = machine.sendPriority(3) else {
      Issue.record("a closed mailbox accepted something")
      return
    }
    #expect(Self.receive(.both, &machine) == 1)
    guard case .finished = machine.receive(.both) else {
      Issue.record("the end was expected")
      return
    }
    let again = machine.close()
    #expect(again.senders.isEmpty && again.receiver == nil)
  }

  @Test("any calls in any order: a mailbox is two queues and a sum of weights", arguments: 1...20)
  func model(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let capacity = Int.random(in: 1...12, using: &random)
    var machine = Machine(capacity: capacity)
    var ordinary: [(element: Int, weight: Int)] = []
    var priority: [Int] = []
    for element in 0..<2_000 {
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        let weight = Int.random(in: 1...5, using: &random)
        let fits = ordinary.reduce(0) { $0 + $1.weight } < capacity
        #expect(Self.send(element, weight: weight, &machine) == fits)
        if fits { ordinary.append((element, weight)) }
      case 2:
        _ = machine.sendPriority(element)
        priority.append(element)
      case 3:
        let expected = priority.isEmpty ? nil : priority.removeFirst()
        #expect(Self.receive(.priorityOnly, &machine) == expected)
      default:
        let expected =
          !priority.isEmpty ? priority.removeFirst() : ordinary.isEmpty ? nil : ordinary.removeFirst().element
        #expect(Self.receive(.both, &machine) == expected)
      }
      #expect(machine.weight == ordinary.reduce(0) { $0 + $1.weight })
    }
  }
}
