import CDBDomain
import CDBPipeline
import CDBServices
import Foundation
import Testing

@Suite("frame sources")
struct SourceTests {
  private func recording(_ lines: [String]) throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "cdb-source-\(UUID().uuidString)")
      .path()
    try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func drain(_ source: any FrameSource, maximum: Int) async throws -> [Int64] {
    var source = source
    var times: [Int64] = []
    var batch = IngestBatch()
    while try await source.next(maximum: maximum, into: &batch) == .more {
      times += batch.records.map(\.time.nanoseconds)
      batch = IngestBatch()
    }
    return times
  }

  @Test("a recording delivers every frame once, in order, in batches of any size", arguments: [1, 3, 1_000])
  func everyFrame(maximum: Int) async throws {
    let path = try recording((1...500).map { "\($0 * 1_000) {\"x\":\($0)}" })
    defer { try? FileManager.default.removeItem(atPath: path) }
    let source = try RecordingSource(paths: [path])
    #expect(try await drain(source, maximum: maximum) == (1...500).map { Int64($0 * 1_000) })
  }

  @Test(
    "resuming passes over exactly the frames that were accepted", arguments: [UInt64(0), 1, 499, 500, 501])
  func resumes(frames: UInt64) async throws {
    let path = try recording((1...500).map { "\($0 * 1_000) {}" })
    defer { try? FileManager.default.removeItem(atPath: path) }
    let source = try RecordingSource(paths: [path])
    try await source.resume(after: frames)
    #expect(try await drain(source, maximum: 64).count == 500 - min(500, Int(frames)))
  }

  @Test("a paced recording takes its recorded time divided by the factor, and delivers everything")
  func paced() async throws {
    let path = try recording((0..<20).map { "\(1_000_000_000 + $0 * 10_000_000) {}" })
    defer { try? FileManager.default.removeItem(atPath: path) }
    let source = PacedSource(try RecordingSource(paths: [path]), factor: 2)
    let start = ContinuousClock.now
    #expect(try await drain(source, maximum: 64).count == 20)
    // The last frame is due 190 ms after the first; how much later it comes is the machine's business.
    #expect(ContinuousClock.now - start >= .milliseconds(95))
  }
}
