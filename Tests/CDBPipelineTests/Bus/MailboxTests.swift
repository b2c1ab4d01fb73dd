import Testing

@testable import CDBPipeline

@Suite("mailbox", .timeLimit(.minutes(10)))
struct MailboxTests {
  @Test("everything sent is received once, in order, whatever the capacity", arguments: [1, 3, 1_000])
  func inOrder(capacity: Int) async throws {
    let mailbox = Mailbox<Int>(capacity: capacity)
    async let sending: Void = {
      for value in 0..<5_000 { try await mailbox.send(value, weight: 1) }
      mailbox.close()
    }()
    var received: [Int] = []
    while let value = await mailbox.receive() { received.append(value) }
    try await sending
    #expect(received == Array(0..<5_000))
  }

  @Test("several senders: each element exactly once")
  func severalSenders() async throws {
    let mailbox = Mailbox<Int>(capacity: 4)
    let received = try await withThrowingTaskGroup(of: [Int].self) { group in
      for sender in 0..<4 {
        group.addTask {
          for value in 0..<1_000 { try await mailbox.send(sender * 1_000 + value, weight: 1) }
          return []
        }
      }
      group.addTask {
        var received: [Int] = []
        while received.count < 4_000, let value = await mailbox.receive() { received.append(value) }
        return received
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(received.sorted() == Array(0..<4_000))
  }

  @Test("a full mailbox makes its sender wait, and the priority lane does not")
  func backPressure() {
    var state = MailboxStateMachine<Int, Int, Int>(capacity: 2)
    func isAccepted(_ action: MailboxStateMachine<Int, Int, Int>.SendAction) -> Bool {
      if case .accepted = action { true } else { false }
    }
    #expect(isAccepted(state.send(1, weight: 5)))
    #expect(!isAccepted(state.send(2, weight: 1)))
    state.enqueue(77)
    #expect(isAccepted(state.sendPriority(3)))
    guard case .element(3, let none) = state.receive(.both) else {
      Issue.record("the priority lane comes first")
      return
    }
    #expect(none.isEmpty)
    guard case .element(1, let woken) = state.receive(.both) else {
      Issue.record("then the ordinary one")
      return
    }
    #expect(woken == [77])
    #expect(state.weight == 0)
  }

  @Test("a receiver of the priority lane is not woken by the other one")
  func lanes() {
    var state = MailboxStateMachine<Int, Int, Int>(capacity: 2)
    state.wait(9, .priorityOnly)
    guard case .accepted(nil) = state.send(1, weight: 1) else {
      Issue.record("stored")
      return
    }
    guard case .accepted(let resumed?) = state.sendPriority(2) else {
      Issue.record("handed over")
      return
    }
    #expect(resumed.0 == 9)
    #expect(resumed.1 == 2)
  }

  @Test("closing wakes everyone: what is stored is received, then nothing; sending is an error")
  func closing() async throws {
    let mailbox = Mailbox<Int>(capacity: 1)
    try await mailbox.send(1, weight: 1)
    async let waiting: Bool = {
      do {
        try await mailbox.send(2, weight: 1)
        return false
      } catch { return true }
    }()
    mailbox.close()
    #expect(await waiting)
    #expect(await mailbox.receive() == 1)
    #expect(await mailbox.receive() == nil)
    #expect(!mailbox.sendPriority(3))
  }
}
