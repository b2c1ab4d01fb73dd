import Testing

@testable import OpenMetrics

@Suite("Process collector")
struct ProcessCollectorTests {
  @Test("a command with blanks and parentheses does not shift the fields")
  func stat() {
    let stat = ProcessStat(
      "26231 (vim) :) x) R 5392 7446 5392 34835 7446 4218880 32533 309516 26 82 1677 44 158 99 20 0 3 0 82375 56274944 1981 18446744073709551615 1\n"
    )
    #expect(stat?.cpuTicks == 1721)
    #expect(stat?.threads == 3)
    #expect(stat?.startTicks == 82375)
    #expect(stat?.virtualBytes == 56_274_944)
    #expect(stat?.residentPages == 1981)
  }

  @Test("truncated and empty files give nothing", arguments: [nil, "", "1 (x) R 1 2", ") "] as [String?])
  func hostile(_ text: String?) {
    #expect(ProcessStat(text) == nil)
    #expect(ProcFields.value(of: "btime", in: text) == nil)
    #expect(ProcFields.softLimit("Max open files", in: text) == nil)
  }

  @Test("limits may be unlimited")
  func limits() {
    let text =
      "Max open files            1024                 524288               files\nMax address space         unlimited            unlimited            bytes\n"
    #expect(ProcFields.softLimit("Max open files", in: text) == 1024)
    #expect(ProcFields.softLimit("Max address space", in: text) == 0x1p64)
  }

  @Test("a missing procfs gives no families and no error")
  func missing() throws {
    #expect(try ProcessCollector(root: "/nonexistent").collect().isEmpty)
  }

  #if os(Linux)
    @Test("all nine standard metrics of this process are exposed")
    func own() throws {
      let registry = MetricRegistry()
      try registry.register(ProcessCollector())
      let families = registry.snapshot()
      #expect(families.count == 9)
      #expect(Set(families.map(\.name)) == Set(ProcessCollector().descriptors.map(\.name)))
      #expect(registry.statistics.collectFailures == 0)
    }
  #endif
}
