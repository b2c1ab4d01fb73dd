import Foundation
import Glibc

/// A control group that may run for a small part of the time, of version 1 or 2, whichever the machine has.
enum ProcessorShare {
  /// Microseconds of ``period``: too few for the work, and often for an answer. An optimised build trades on with a hundredth.
  private static let quota = "1000"
  #if DEBUG
    private static let period = "100000"
  #else
    private static let period = "500000"
  #endif

  private static let versionOne = "/sys/fs/cgroup/cpu"
  private static let versionTwo = "/sys/fs/cgroup"

  private static var isVersionOne: Bool {
    FileManager.default.fileExists(atPath: versionOne + "/cgroup.procs")
  }

  /// Whether groups with a limit can be made here.
  static let isPossible: Bool = {
    guard Surroundings.isRoot else { return false }
    if isVersionOne { return access(versionOne, W_OK) == 0 }
    let controllers = try? String(contentsOfFile: versionTwo + "/cgroup.subtree_control", encoding: .utf8)
    return controllers?.split(separator: " ").contains { $0.hasPrefix("cpu") && !$0.hasPrefix("cpuset") }
      ?? false
  }()

  static func path(_ name: String) -> String { "\(isVersionOne ? versionOne : versionTwo)/\(name)" }

  private static func write(_ text: String, _ path: String) throws {
    try text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  static func limit(_ pid: pid_t, in group: String) throws {
    try FileManager.default.createDirectory(atPath: group, withIntermediateDirectories: false)
    if isVersionOne {
      try write(period, group + "/cpu.cfs_period_us")
      try write(quota, group + "/cpu.cfs_quota_us")
    } else {
      try write("\(quota) \(period)", group + "/cpu.max")
    }
    try write("\(pid)", group + "/cgroup.procs")
  }

  /// Lifts the limit, and moves the process to where all are.
  static func lift(_ pid: pid_t?, from group: String) throws {
    try write(isVersionOne ? "-1" : "max", group + (isVersionOne ? "/cpu.cfs_quota_us" : "/cpu.max"))
    // One that has ended is nowhere.
    if let pid { try? write("\(pid)", path("cgroup.procs")) }
  }
}

// What the run gets of the processor, and its market of the network.
extension OutsideWorld {
  private nonisolated var group: String { ProcessorShare.path("cdbout-\(getpid())-\(port)") }

  func starve() async throws {
    guard let pid = run?.pid else { return }
    try ProcessorShare.limit(pid, in: group)
  }

  func feed() async throws {
    guard FileManager.default.fileExists(atPath: group) else { return }
    try ProcessorShare.lift(run?.pid, from: group)
    _ = try await eventually("the control group is empty") {
      rmdir(group) == 0 ? () : nil
    }
  }

  /// - Parameter rate: in the words of tc.
  func narrowWire(to rate: String) async throws {
    guard let wire else { return }
    try await Tool.run(
      [
        "tc", "qdisc", "replace", "dev", wire.outer, "root", "tbf", "rate", rate, "burst", "1600", "latency",
        "60s",
      ])
  }

  func widenWire() async throws {
    guard let wire else { return }
    try await Tool.run(["tc", "qdisc", "del", "dev", wire.outer, "root"])
  }
}
