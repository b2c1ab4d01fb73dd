import Testing

@testable import CDBPipeline

@Suite("What holds the edges of a service up", .timeLimit(.minutes(10)))
struct ServiceEdgesTests {
  @Test("trouble of the bus is heard as it comes; what else is waited for is none")
  func comes() async {
    let edges = ServiceEdges()
    let waiting = Task { await edges.untilBusTrouble() }
    while edges.bell.waiters == 0 { await Task.yield() }
    edges.waits(for: "waiting for ws")
    edges.waits(for: "no server", isBus: true)
    #expect(await waiting.value == "no server")
  }

  @Test("it is told once it has lasted for so long, and not where it passes before, or nobody waits any more")
  func lasts() async {
    let edges = ServiceEdges()
    #expect(await edges.busTrouble(after: .seconds(3_600)) == nil)
    edges.waits(for: "no server", isBus: true)
    #expect(await edges.busTrouble(after: .milliseconds(1)) == "no server")
    let passing = Task { await edges.busTrouble(after: .seconds(3_600)) }
    while edges.bell.waiters == 0 { await Task.yield() }
    edges.waits(for: nil)
    #expect(await passing.value == nil)
    edges.waits(for: "no server", isBus: true)
    let cancelled = Task { await edges.busTrouble(after: .seconds(3_600)) }
    while edges.bell.waiters == 0 { await Task.yield() }
    cancelled.cancel()
    #expect(await cancelled.value == nil)
    let nobody = Task { await edges.untilBusTrouble() }
    nobody.cancel()
    _ = await nobody.value
    #expect(edges.bell.waiters == 0)
  }
}
