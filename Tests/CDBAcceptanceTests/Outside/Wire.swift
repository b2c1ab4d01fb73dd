import Foundation
import Glibc
import Synchronization

/// A network namespace for one run, with two cables to the rest of the machine: the *door*, on which the run is asked,
/// and the *wire*, on which its market comes. So the market can be cut and the answer still be had.
struct Wire: Sendable {
  let name: String
  private let number: Int

  /// The run's address as seen from outside.
  var door: String { "10.77.\(number).2" }
  /// Where an exchange outside listens for the run.
  var market: String { "10.78.\(number).1" }
  /// The run's end of the wire, and the exchange's.
  let inner = "w0"
  var outer: String { "cdbw\(number)" }

  /// What makes a program run inside.
  var entry: [String] { ["nsenter", "--net=/run/netns/\(name)"] }

  /// Whether namespaces can be made here.
  static let isPossible: Bool =
    Surroundings.isRoot && ["ip", "tc", "nsenter"].allSatisfy(Surroundings.isInstalled)

  private static let taken = Mutex<Set<Int>>([])

  /// Numbers of others, such as of another test run on the machine, are passed over: their cables have the names.
  static func lay() async throws -> Wire {
    var last: any Error = Tool.Failed(command: ["ip"], words: "no number is free")
    for number in (1...250).shuffled() where taken.withLock({ $0.insert(number).inserted }) {
      let wire = Wire(name: "cdbout-\(getpid())-\(number)", number: number)
      do {
        try await wire.make()
        return wire
      } catch {
        last = error
        await wire.remove()
      }
    }
    throw last
  }

  private init(name: String, number: Int) {
    self.name = name
    self.number = number
  }

  private func make() async throws {
    try await Tool.run(["ip", "netns", "add", name])
    for (cable, inner, net) in [("cdbd\(number)", "d0", 77), (outer, inner, 78)] {
      try await Tool.run(
        ["ip", "link", "add", cable, "type", "veth", "peer", "name", inner, "netns", name])
      try await Tool.run(["ip", "addr", "add", "10.\(net).\(number).1/30", "dev", cable])
      try await Tool.run(["ip", "link", "set", cable, "up"])
      try await inside(["ip", "addr", "add", "10.\(net).\(number).2/30", "dev", inner])
      try await inside(["ip", "link", "set", inner, "up"])
    }
    try await inside(["ip", "link", "set", "lo", "up"])
  }

  /// Runs a program inside.
  @discardableResult
  func inside(_ command: [String]) async throws -> String { try await Tool.run(entry + command) }

  /// The cables go with the namespace.
  func remove() async {
    _ = await Tool.succeeds(["ip", "netns", "del", name])
    Self.taken.withLock { _ = $0.remove(number) }
  }

  /// Removes what test processes left that were killed.
  static func removeLeftovers() async {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
    for name in names where name.hasPrefix("cdbout-") {
      let owner = name.split(separator: "-").dropFirst().first.flatMap { pid_t($0) }
      guard let owner, kill(owner, 0) != 0, errno == ESRCH else { continue }
      _ = await Tool.succeeds(["ip", "netns", "del", name])
    }
  }
}
