/// The nine standard `process_*` metrics, read from `/proc` on every collection.
///
/// What cannot be read is left out, as it is on systems without `/proc`.
/// Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
public struct ProcessCollector: MetricCollector {
  private let root: String
  private let process: String
  private let ticksPerSecond: Double
  private let pageSize: UInt64

  /// - Parameters:
  ///   - root: where procfs is mounted.
  ///   - process: a process identifier, or `self`.
  public init(root: String = "/proc", process: String = "self") {
    self.root = root
    self.process = process
    ticksPerSecond = SystemConstants.clockTicksPerSecond
    pageSize = SystemConstants.pageSize
  }

  public var descriptors: [MetricDescriptor] { Self.all }

  public func collect() throws -> [MetricFamily] {
    var families: [MetricFamily] = []
    let directory = "\(root)/\(process)"
    if let stat = ProcessStat(SmallFile.read("\(directory)/stat")) {
      families.append(try .counter(Self.cpu, Double(stat.cpuTicks) / ticksPerSecond))
      families.append(try .gauge(Self.virtualMemory, Double(stat.virtualBytes)))
      families.append(try .gauge(Self.residentMemory, Double(stat.residentPages &* pageSize)))
      families.append(try .gauge(Self.threads, Double(stat.threads)))
      if let bootTime = ProcFields.value(of: "btime", in: SmallFile.read("\(root)/stat")) {
        families.append(
          try .gauge(Self.startTime, Double(bootTime) + Double(stat.startTicks) / ticksPerSecond))
      }
    }
    if let kibibytes = ProcFields.value(of: "VmData:", in: SmallFile.read("\(directory)/status")) {
      families.append(try .gauge(Self.heap, Double(kibibytes) * 1024))
    }
    let limits = SmallFile.read("\(directory)/limits")
    if let maximum = ProcFields.softLimit("Max open files", in: limits) {
      families.append(try .gauge(Self.maximumDescriptors, maximum))
    }
    if let maximum = ProcFields.softLimit("Max address space", in: limits) {
      families.append(try .gauge(Self.maximumVirtualMemory, maximum))
    }
    if let open = SmallFile.entryCount("\(directory)/fd", isOwn: process == "self") {
      families.append(try .gauge(Self.openDescriptors, Double(open)))
    }
    return families
  }

  private static let cpu = MetricDescriptor(
    "process_cpu_seconds", type: .counter, help: "Total user and system CPU time spent in seconds.",
    unit: "seconds")
  private static let openDescriptors = MetricDescriptor(
    "process_open_fds", type: .gauge, help: "Number of open file descriptors.")
  private static let maximumDescriptors = MetricDescriptor(
    "process_max_fds", type: .gauge, help: "Maximum number of open file descriptors.")
  private static let virtualMemory = MetricDescriptor(
    "process_virtual_memory_bytes", type: .gauge, help: "Virtual memory size in bytes.", unit: "bytes")
  private static let maximumVirtualMemory = MetricDescriptor(
    "process_virtual_memory_max_bytes", type: .gauge,
    help: "Maximum amount of virtual memory available in bytes.", unit: "bytes")
  private static let residentMemory = MetricDescriptor(
    "process_resident_memory_bytes", type: .gauge, help: "Resident memory size in bytes.", unit: "bytes")
  private static let heap = MetricDescriptor(
    "process_heap_bytes", type: .gauge, help: "Process heap size in bytes.", unit: "bytes")
  private static let startTime = MetricDescriptor(
    "process_start_time_seconds", type: .gauge,
    help: "Start time of the process since unix epoch in seconds.", unit: "seconds")
  private static let threads = MetricDescriptor(
    "process_threads", type: .gauge, help: "Number of OS threads in the process.")

  private static let all = [
    cpu, openDescriptors, maximumDescriptors, virtualMemory, maximumVirtualMemory, residentMemory, heap,
    startTime, threads,
  ]
}
