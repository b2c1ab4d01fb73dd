import Foundation
import Testing

@testable import OpenMetrics

@Suite("Swift runtime collector")
struct SwiftRuntimeCollectorTests {
  static let malloc = MallocStatistics(arena: 100, mapped: 30, allocated: 80, free: 50, releasable: 5)
  static let usage = ResourceUsage(
    userSeconds: 1.5, systemSeconds: 0.25, peakResidentBytes: 4096, minorFaults: 7, majorFaults: 2,
    voluntarySwitches: 11, involuntarySwitches: 3)

  /// A procfs with one process of three threads.
  struct Tree: ~Copyable {
    let root = FileManager.default.temporaryDirectory.appending(path: "procfs-\(UUID().uuidString)")

    init() throws {
      try write("500.25 900.00\n", "uptime")
      try write(SwiftRuntimeCollectorTests.stat(state: "S"), "7/stat")
      for (thread, state) in [("7", "S"), ("8", "R"), ("9", "D")] {
        try write(SwiftRuntimeCollectorTests.stat(state: state), "7/task/\(thread)/stat")
      }
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func write(_ text: String, _ path: String) throws {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  static func stat(state: String) -> String {
    "7 (a) b) \(state) 1 7 7 0 -1 4194304 99 0 0 0 150 25 0 0 20 0 3 0 20000 3133440 362 18446744073709551615\n"
  }

  func families(root: String) throws -> [String: MetricFamily] {
    let collector = SwiftRuntimeCollector(
      root: root, process: "7", ticksPerSecond: 100, malloc: { Self.malloc }, usage: { Self.usage })
    return Dictionary(uniqueKeysWithValues: try collector.collect().map { ($0.name, $0) })
  }

  func values(_ family: MetricFamily?) -> [String: Double] {
    var values: [String: Double] = [:]
    for metric in family?.metrics ?? [] {
      let labels = metric.labels.map(\.value).joined(separator: ",")
      switch metric.points.last?.value {
      case .gauge(let value): values[labels] = value.doubleValue
      case .counter(let point): values[labels] = point.total.doubleValue
      default: break
      }
    }
    return values
  }

  @Test("threads by state and the time since the start come from procfs")
  func procfs() throws {
    let tree = try Tree()
    let families = try families(root: tree.root.path)
    #expect(
      values(families["swift_threads"]) == [
        "running": 1, "sleeping": 1, "blocked": 1, "stopped": 0, "other": 0,
      ])
    #expect(values(families["swift_uptime_seconds"]) == ["": 300.25])
  }

  @Test("memory and accounting are given in bytes, seconds and counts")
  func numbers() throws {
    let families = try families(root: "/nonexistent")
    #expect(values(families["swift_malloc_arena_bytes"]) == ["": 100])
    #expect(values(families["swift_malloc_mapped_bytes"]) == ["": 30])
    #expect(values(families["swift_malloc_allocated_bytes"]) == ["": 80])
    #expect(values(families["swift_malloc_free_bytes"]) == ["": 50])
    #expect(values(families["swift_malloc_releasable_bytes"]) == ["": 5])
    #expect(values(families["swift_cpu_seconds"]) == ["user": 1.5, "system": 0.25])
    #expect(values(families["swift_resident_memory_peak_bytes"]) == ["": 4096])
    #expect(values(families["swift_page_faults"]) == ["minor": 7, "major": 2])
    #expect(values(families["swift_context_switches"]) == ["voluntary": 11, "involuntary": 3])
    #expect(families["swift_threads"] == nil)
    #expect(families["swift_uptime_seconds"] == nil)
  }

  @Test("what neither the C library nor the kernel tells is left out")
  func nothing() throws {
    let collector = SwiftRuntimeCollector(
      root: "/nonexistent", process: "self", ticksPerSecond: 100, malloc: { nil }, usage: { nil })
    #expect(try collector.collect().map(\.name) == ["swift"])
  }

  @Test(
    "letters of the kernel become states, and threads that ended are not counted",
    arguments: [
      ("R", ThreadStates.State.running), ("S", .sleeping), ("D", .blocked), ("T", .stopped), ("t", .stopped),
      ("Z", .other), ("I", .other), ("?", .other),
    ])
  func states(_ letter: String, _ state: ThreadStates.State) {
    #expect(ThreadStates(stats: [Self.stat(state: letter), nil, "", "7 (x", "7 (x) "]).counts == [state: 1])
  }

  @Test(
    "an uptime that is no number gives nothing",
    arguments: [nil, "", " \n", "x 1", "-1 2", "nan", "inf"] as [String?])
  func uptime(_ text: String?) {
    #expect(ProcFields.first(in: text) == nil)
  }

  @Test("a clock that says the process starts later than now gives zero, not less")
  func startInTheFuture() throws {
    let tree = try Tree()
    try tree.write("1.0 1.0\n", "uptime")
    #expect(values(try families(root: tree.root.path)["swift_uptime_seconds"]) == ["": 0])
  }

  @Test("the memory of this process is there and grows with an allocation")
  func ownMemory() throws {
    #if canImport(Glibc)
      let before = try #require(MallocStatistics.current())
      let block = [UInt8](repeating: 1, count: 64 << 20)
      let after = try #require(MallocStatistics.current())
      #expect(after.allocated >= before.allocated + (32 << 20))
      #expect(block.last == 1)
    #endif
    let usage = try #require(ResourceUsage.current())
    #expect(usage.peakResidentBytes > 1 << 20)
    #expect(usage.minorFaults > 0)
  }

  #if os(Linux)
    @Test("both standard collectors expose all they declare for this process, and every name is valid")
    func own() throws {
      let registry = MetricRegistry()
      try registry.registerStandardCollectors()
      let families = registry.snapshot()
      #expect(families.count == 9 + 12)
      #expect(Set(families.map(\.name)) == Set(registry.descriptors.map(\.name)))
      #expect(registry.statistics.collectFailures == 0)
    }
  #endif

  @Test("the nine names that client libraries share are there")
  func standardNames() {
    let shared: Set = [
      "process_cpu_seconds_total", "process_open_fds", "process_max_fds", "process_virtual_memory_bytes",
      "process_virtual_memory_max_bytes", "process_resident_memory_bytes", "process_heap_bytes",
      "process_start_time_seconds", "process_threads",
    ]
    let samples = ProcessCollector().descriptors.map { $0.name + ($0.type == .counter ? "_total" : "") }
    #expect(Set(samples) == shared)
  }
}
