import CDBDomain
import CDBPipeline
import Foundation
import Logging
import Testing

@testable import CDBServices

@Suite("the pipeline as a service")
struct PipelineServiceTests {
  /// A feed that cannot be gone on with.
  private struct LostSource: FrameSource {
    struct Gone: Error {}
    let name = "lost"
    let isLive = false
    mutating func resume(after count: UInt64) async throws { throw Gone() }
    mutating func next(maximum: Int, into batch: inout IngestBatch) async throws -> FrameSourceStatus {
      .ended
    }
  }

  @Test("a pipeline that failed answers until its time is up, and then the service fails")
  func failedPipeline() async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "cdb-\(UUID().uuidString)").path()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let configuration = PipelineConfiguration(
      profile: "default", instruments: try InstrumentCatalogue([.binanceSpot("BTCUSDT")]))
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let pipeline = try await Pipeline(
      options: PipelineOptions(dataDirectory: directory, configuration: configuration, logger: logger),
      matching: BookMatching())
    let service = PipelineService(
      pipeline: pipeline, source: LostSource(), duration: .milliseconds(200),
      feed: .recordings([], .maximum, loops: 1), logger: logger)
    let start = ContinuousClock.now
    await #expect(throws: PipelineFailed.self) { try await service.run() }
    #expect(ContinuousClock.now - start >= .milliseconds(200))
    #expect(pipeline.board.pipelineFailure?.contains("Gone") == true)
  }
}
