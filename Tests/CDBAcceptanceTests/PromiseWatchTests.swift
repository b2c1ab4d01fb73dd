import Testing

/// What is promised by the clock is promised on a machine that has the time.
@Suite("A watch for promises")
struct PromiseWatchTests {
  @Test("what waited does not count, and a tenth of all time counts whatever waits")
  func counted() {
    #expect(PromiseWatch.counted(of: .seconds(10), waited: .zero) == .seconds(10))
    #expect(PromiseWatch.counted(of: .seconds(10), waited: .seconds(4)) == .seconds(6))
    #expect(PromiseWatch.counted(of: .seconds(10), waited: .seconds(14)) == .seconds(1))
    #expect(PromiseWatch.counted(of: .seconds(10), waited: .seconds(-1)) == .seconds(10))
    #expect(PromiseWatch.counted(of: .seconds(10), waited: nil) == .seconds(1))
  }

  @Test("the kernel's count is read as it stands")
  func pressure() {
    let text = """
      some avg10=45.45 avg60=67.69 avg300=81.27 total=19488307133
      full avg10=0.00 avg60=0.00 avg300=0.00 total=7
      """
    #expect(PromiseWatch.microseconds(in: text) == 19_488_307_133)
    #expect(PromiseWatch.microseconds(in: "") == nil)
  }

  @Test("what is promised and does not come has failed, on a busy machine too")
  func late() async throws {
    await #expect(throws: DeadlinePassed.self) {
      try await eventually("it comes", promised: .milliseconds(50)) { () -> Bool? in nil }
    }
  }

  @Test("a backlog may take its time while it gets shorter, and has failed when it stands still")
  func backlog() async throws {
    var left = 40
    let start = ContinuousClock.now
    _ = try await eventually("all is done", standingStillFor: .seconds(300), every: .milliseconds(1)) {
      left
    } _: {
      left -= 1
      return (left == 0).found
    }
    #expect(left == 0 && ContinuousClock.now - start < .seconds(300))
    await #expect(throws: DeadlinePassed.self) {
      _ = try await eventually("all is done", standingStillFor: .milliseconds(50), every: .milliseconds(1)) {
        7
      } _: { () -> Bool? in
        nil
      }
    }
  }
}
