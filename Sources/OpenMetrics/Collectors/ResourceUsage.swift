#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the kernel has accounted to this process with all its threads; see getrusage(2).
struct ResourceUsage: Equatable {
  let userSeconds: Double
  let systemSeconds: Double
  let peakResidentBytes: UInt64
  /// Served without reading from a device.
  let minorFaults: UInt64
  /// That had to read from a device.
  let majorFaults: UInt64
  /// Because the process waited.
  let voluntarySwitches: UInt64
  /// Because its time slice was over or something more urgent came.
  let involuntarySwitches: UInt64

  /// `nil` when the kernel refuses.
  static func current() -> ResourceUsage? {
    var usage = rusage()
    #if canImport(Glibc)
      let result = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      let result = getrusage(Int32(RUSAGE_SELF), &usage)
    #endif
    guard result == 0 else { return nil }
    return ResourceUsage(
      userSeconds: seconds(usage.ru_utime), systemSeconds: seconds(usage.ru_stime),
      peakResidentBytes: count(usage.ru_maxrss) &* peakUnit,
      minorFaults: count(usage.ru_minflt), majorFaults: count(usage.ru_majflt),
      voluntarySwitches: count(usage.ru_nvcsw), involuntarySwitches: count(usage.ru_nivcsw))
  }

  /// Linux counts the peak in kibibytes, Darwin in bytes.
  private static var peakUnit: UInt64 {
    #if canImport(Darwin)
      1
    #else
      1024
    #endif
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

  private static func count(_ value: Int) -> UInt64 { UInt64(max(value, 0)) }
}
