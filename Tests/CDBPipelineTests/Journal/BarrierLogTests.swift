import Foundation
import Testing

@testable import CDBPipeline

@Suite("Where the barriers are")
struct BarrierLogTests {
  private func manifest(_ barrier: UInt64) -> CheckpointManifest {
    CheckpointManifest(
      barrier: barrier, journalSequence: barrier * 10, framesAccepted: barrier, configurationFingerprint: "f",
      journalIdentity: 5)
  }

  @Test("what was noted is there when the log is opened again, in order, from where a snapshot stands")
  func again() async throws {
    try await withTemporaryDirectory { directory in
      do {
        let log = try BarrierLog(directory: directory)
        for barrier in UInt64(1)...5 { try log.append(manifest(barrier)) }
        try log.synchronize()
      }
      let log = try BarrierLog(directory: directory)
      #expect(try log.manifests(after: 2).map(\.barrier) == [3, 4, 5])
      #expect(try log.manifests(after: 2).map(\.journalSequence) == [30, 40, 50])
      #expect(try log.manifests(after: 5).isEmpty)
    }
  }

  @Test("a record that is none is passed over, and what every start lies behind is forgotten in portions")
  func damagedAndTrimmed() async throws {
    try await withTemporaryDirectory { directory in
      do {
        let log = try BarrierLog(directory: directory)
        // More than a segment.
        for barrier in UInt64(1)...600 { try log.append(manifest(barrier)) }
        try log.synchronize()
        try log.trim(through: 590)
        let kept = try log.manifests(after: 0).map(\.barrier)
        #expect(kept.first ?? 0 > 1 && kept.last == 600 && kept.contains(591))
      }
      let newest = try #require(
        try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".seg") }
          .sorted().last)
      var bytes = try Data(contentsOf: URL(filePath: directory + "/" + newest))
      let middle = try #require(bytes.range(of: Data(#""barrier":595"#.utf8)))
      bytes[middle.lowerBound] ^= 0xff
      try bytes.write(to: URL(filePath: directory + "/" + newest))
      let log = try BarrierLog(directory: directory)
      let found = try log.manifests(after: 590).map(\.barrier)
      #expect(!found.contains(595) && found.contains(594) && found.contains(596), "\(found)")
    }
  }
}
