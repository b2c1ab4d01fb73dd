import CDBDomain
import Testing

@testable import CDBServices

@Suite("The inbox of a live feed", .timeLimit(.minutes(10)))
struct FrameInboxTests {
  private func id(_ number: Int) -> BinanceSession.ConnectionID { .init(number: number) }
  private func frame(_ number: Int) -> ReceivedFrame {
    ReceivedFrame(instrument: 0, time: EventTime(nanoseconds: Int64(number)), bytes: [1, 2, 3])
  }
  private func taken(_ inbox: FrameInbox, _ maximum: Int = 100) async -> [Int64] {
    await inbox.take(maximum: maximum, waiting: .milliseconds(1)).map(\.time.nanoseconds)
  }

  @Test("a connection's frames wait until the one before it is read to its end")
  func lanes() async {
    let inbox = FrameInbox()
    inbox.open(id(1))
    inbox.open(id(2))
    _ = await inbox.put(frame(20), in: id(2))
    _ = await inbox.put(frame(10), in: id(1))
    #expect(await taken(inbox) == [10])
    #expect(await taken(inbox) == [])
    _ = await inbox.put(frame(11), in: id(1))
    inbox.close(id(1))
    #expect(await taken(inbox) == [11])
    #expect(await taken(inbox) == [20])
  }

  @Test("a full lane holds up its connection until something is taken")
  func backPressure() async {
    let inbox = FrameInbox(maximumFrames: 10)
    inbox.open(id(1))
    let producer = Task {
      for number in 1...100 { _ = await inbox.put(frame(number), in: id(1)) }
    }
    var numbers: [Int64] = []
    while numbers.count < 100 {
      let some = await inbox.take(maximum: 7, waiting: .seconds(1)).map(\.time.nanoseconds)
      #expect(some.count <= 7)
      numbers += some
    }
    await producer.value
    #expect(numbers == Array(1...100))
  }

  @Test("lanes that are not taken from have one bound together, and never hold up the one that is")
  func together() async {
    let inbox = FrameInbox(maximumFrames: 10)
    for number in 1...3 { inbox.open(id(number)) }
    let later = Task {
      for number in 0..<10 { _ = await inbox.put(frame(200 + number), in: id(2)) }
      _ = await inbox.put(frame(300), in: id(3))
    }
    while !inbox.isHoldingUp { await Task.yield() }
    for number in 0..<9 { _ = await inbox.put(frame(100 + number), in: id(1)) }
    #expect(await taken(inbox) == (100...108).map { Int64($0) })
    #expect(inbox.isHoldingUp)
    inbox.close(id(1))
    #expect(await taken(inbox) == (200...209).map { Int64($0) })
    await later.value
    inbox.close(id(2))
    #expect(await taken(inbox) == [300])
  }

  @Test("bytes count as well, a snapshot waits for nothing, and a closed lane takes nothing")
  func rest() async {
    let inbox = FrameInbox(maximumFrames: 10, maximumBytes: 3)
    inbox.open(id(1))
    let producer = Task { await inbox.put(frame(1), in: id(1)) }
    inbox.put(snapshot: frame(2))
    var numbers: [Int64] = []
    while numbers.count < 2 { numbers += await taken(inbox) }
    #expect(Set(numbers) == [1, 2])
    #expect(await producer.value)
    inbox.close(id(1))
    #expect(await !inbox.put(frame(3), in: id(1)))
    #expect(await taken(inbox) == [])
  }

  @Test("whoever waits for a frame gets it at once, and a cancelled connection does not hang")
  func waiting() async {
    let inbox = FrameInbox(maximumFrames: 1)
    inbox.open(id(1))
    async let frames = inbox.take(maximum: 1, waiting: .seconds(50))
    let producer = Task {
      _ = await inbox.put(frame(1), in: id(1))
      _ = await inbox.put(frame(2), in: id(1))
      _ = await inbox.put(frame(3), in: id(1))
    }
    #expect(await frames.map(\.time.nanoseconds) == [1])
    producer.cancel()
    await producer.value
  }
}
