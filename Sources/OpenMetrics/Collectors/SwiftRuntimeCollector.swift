/// `swift_*`: what runs, its memory allocator, its threads, and what the kernel has accounted to it.
///
/// It stands beside ``ProcessCollector``, whose nine names are those that all client libraries share. What cannot be
/// read is left out. Source: Prometheus, "Writing client libraries", "Runtime metrics".
public struct SwiftRuntimeCollector: MetricCollector {
  private let root: String
  private let process: String
  private let malloc: @Sendable () -> MallocStatistics?
  private let usage: @Sendable () -> ResourceUsage?
  private let ticksPerSecond: Double

  /// - Parameters:
  ///   - root: where procfs is mounted.
  ///   - process: whose threads and start to read there, a process identifier or `self`. Memory and accounting are
  ///     always of the process that asks.
  public init(root: String = "/proc", process: String = "self") {
    self.init(
      root: root, process: process, ticksPerSecond: SystemConstants.clockTicksPerSecond,
      malloc: MallocStatistics.current, usage: ResourceUsage.current)
  }

  init(
    root: String, process: String, ticksPerSecond: Double,
    malloc: @escaping @Sendable () -> MallocStatistics?,
    usage: @escaping @Sendable () -> ResourceUsage?
  ) {
    self.root = root
    self.process = process
    self.ticksPerSecond = ticksPerSecond
    self.malloc = malloc
    self.usage = usage
  }

  public var descriptors: [MetricDescriptor] { Self.all }

  public func collect() throws -> [MetricFamily] {
    let target = BuildTarget.current
    var families = [try MetricFamily.info(Self.info, [[target.version, target.architecture, target.system]])]
    if let statistics = malloc() { families += try Self.families(of: statistics) }
    if let usage = usage() { families += try Self.families(of: usage) }
    if let states = ThreadStates(directory: "\(root)/\(process)/task") {
      let counts = ThreadStates.State.allCases.map { ([$0.rawValue], Double(states.counts[$0] ?? 0)) }
      families.append(try .gauge(Self.threads, counts))
    }
    if let stat = ProcessStat(SmallFile.read("\(root)/\(process)/stat")),
      let systemUptime = ProcFields.first(in: SmallFile.read("\(root)/uptime"))
    {
      let uptime = systemUptime - Double(stat.startTicks) / ticksPerSecond
      families.append(try .gauge(Self.uptime, max(uptime, 0)))
    }
    return families
  }

  private static func families(of statistics: MallocStatistics) throws -> [MetricFamily] {
    [
      try .gauge(arena, Double(statistics.arena)), try .gauge(mapped, Double(statistics.mapped)),
      try .gauge(allocated, Double(statistics.allocated)), try .gauge(free, Double(statistics.free)),
      try .gauge(releasable, Double(statistics.releasable)),
    ]
  }

  private static func families(of usage: ResourceUsage) throws -> [MetricFamily] {
    [
      try .counter(cpu, [(["user"], usage.userSeconds), (["system"], usage.systemSeconds)]),
      try .gauge(peak, Double(usage.peakResidentBytes)),
      try .counter(pageFaults, counts: [(["minor"], usage.minorFaults), (["major"], usage.majorFaults)]),
      try .counter(
        switches,
        counts: [(["voluntary"], usage.voluntarySwitches), (["involuntary"], usage.involuntarySwitches)]),
    ]
  }
}

extension SwiftRuntimeCollector {
  private static let info = MetricDescriptor(
    "swift", type: .info, help: "The compiler, architecture and system that the program was built with.",
    labels: ["version", "arch", "os"])
  private static let arena = MetricDescriptor(
    "swift_malloc_arena_bytes", type: .gauge, help: "Memory of malloc's arenas, used or not, in bytes.",
    unit: "bytes")
  private static let mapped = MetricDescriptor(
    "swift_malloc_mapped_bytes", type: .gauge,
    help: "Memory in allocations that have mappings of their own, in bytes.", unit: "bytes")
  private static let allocated = MetricDescriptor(
    "swift_malloc_allocated_bytes", type: .gauge,
    help: "Memory that the program has allocated and not freed, in bytes.", unit: "bytes")
  private static let free = MetricDescriptor(
    "swift_malloc_free_bytes", type: .gauge, help: "Memory in malloc's arenas that is not in use, in bytes.",
    unit: "bytes")
  private static let releasable = MetricDescriptor(
    "swift_malloc_releasable_bytes", type: .gauge,
    help: "Free memory that malloc could give back to the system at once, in bytes.", unit: "bytes")
  private static let cpu = MetricDescriptor(
    "swift_cpu_seconds", type: .counter,
    help: "CPU time spent in the program and for it in the kernel, in seconds.",
    unit: "seconds", labels: ["mode"])
  private static let peak = MetricDescriptor(
    "swift_resident_memory_peak_bytes", type: .gauge, help: "Largest resident memory size so far, in bytes.",
    unit: "bytes")
  private static let pageFaults = MetricDescriptor(
    "swift_page_faults", type: .counter,
    help: "Page faults, minor ones served from memory and major ones from a device.", labels: ["kind"])
  private static let switches = MetricDescriptor(
    "swift_context_switches", type: .counter,
    help: "Times that a thread gave up the processor, voluntarily to wait or because it was made to.",
    labels: ["kind"])
  private static let threads = MetricDescriptor(
    "swift_threads", type: .gauge, help: "Number of OS threads by what they do.", labels: ["state"])
  private static let uptime = MetricDescriptor(
    "swift_uptime_seconds", type: .gauge, help: "Time since the start of the process, in seconds.",
    unit: "seconds")

  private static let all = [
    info, arena, mapped, allocated, free, releasable, cpu, peak, pageFaults, switches, threads, uptime,
  ]
}

extension MetricRegistry {
  /// Registers ``ProcessCollector`` and ``SwiftRuntimeCollector``.
  ///
  /// - Throws: ``MetricError/clash(new:existing:sample:)`` when one of them is there already; the process collector
  ///   comes first.
  public func registerStandardCollectors() throws(MetricError) {
    try register(ProcessCollector())
    try register(SwiftRuntimeCollector())
  }
}
