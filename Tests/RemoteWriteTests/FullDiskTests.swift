import Foundation
import Glibc
import HTTPServerFixture
import ProgramFixture
import Synchronization
import Testing

@testable import RemoteWrite

@Suite("A disk that is full", .serialized)
struct FullDiskTests {
  /// Runs `body` with a file system in memory that has so much room, in bytes; nil where this machine lets nobody make one.
  private static func withSmallDisk<Result: Sendable>(
    _ bytes: Int, _ body: (String) async throws -> Result
  ) async throws -> Result? {
    try await withTemporaryDirectory { folder in
      let path = folder + "/disk"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else { return nil }
      // Lazily: a file that is still open keeps nothing.
      defer { umount2(path, CInt(MNT_DETACH)) }
      return try await body(path)
    }
  }

  @Test(
    "what the disk does not take is counted, what it took arrives in order, and new scrapes do when there is room again",
    .enabled("needs root, for a file system of its own") { geteuid() == 0 },
    // The second one has room for one segment, and not for all of it.
    arguments: [2 << 20, 800 << 10])
  func fullDisk(bytes: Int) async throws {
    let target = try CountingTarget { number in
      // A label that cannot be packed, so that a few scrapes fill the disk.
      let digits = (0..<1_250).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
      return .text("scrapes_total \(number)\nlong{digits=\"\(digits)\"} 1\n")
    }
    let isUp = Atomic(false)
    let receiver = try Receiver { _, _ in isUp.load(ordering: .relaxed) ? nil : .status(503) }
    defer {
      target.stop()
      receiver.stop()
    }
    let text = bridgeYAML([target.address], [receiver.url], interval: "20ms")
    let ended: Bridge? = try await Self.withSmallDisk(bytes) { folder in
      try await withBridge(text, in: folder, flush: .seconds(60)) { bridge in
        _ = try await eventually("the disk is full") {
          bridge.statistics.endpoints[0].failed > 0 ? true : nil
        }
        let full = target.scrapes
        isUp.store(true, ordering: .relaxed)
        _ = try await eventually("scrapes from after it arrive") {
          (receiver.samples("scrapes_total").last?.value ?? 0) > Double(full + 20) ? true : nil
        }
        return bridge
      }
    }
    // In a container without the right to mount there is nothing to see.
    // Its end waits for the last scrape.
    guard let endpoint = ended?.statistics.endpoints.first else { return }
    #expect(endpoint.failed > 0 && endpoint.ledger.total == endpoint.enqueued)
    #expect(endpoint.ledger.delivered == endpoint.enqueued)
    #expect(endpoint.ledger.delivered == UInt64(receiver.accepted))
    // A scrape that was late ends the series for a moment.
    let values = receiver.samples("scrapes_total").filter { $0.bits != SampleValue.stale }.map(\.value)
    #expect(values.first == 1 && zip(values, values.dropFirst()).allSatisfy { $0 < $1 })
    #expect(Double(values.count) < values.last ?? 0)
    #expect(receiver.faults == [])
  }
}
