import CDBDomain
import CDBPipeline
import Foundation
import Testing

/// What a run left behind.
struct RunOutcome {
  var digest: String
  var totals: StoreTotals
  var status: PipelineStatus
}

/// Opens a pipeline over `directory`, runs it, and says what is in the store.
func run(
  _ source: some FrameSource, in directory: String, batch: Int = 256,
  configuration: PipelineConfiguration? = nil, barrierRecords: UInt64 = 3_000,
  commands: [Control] = [], _ prepare: (inout PipelineOptions) -> Void = { _ in },
  whileRunning: @Sendable (Pipeline<BookMatching>) async -> Void = { _ in }
) async throws -> RunOutcome {
  try await run(
    source, matching: BookMatching(), in: directory, batch: batch, configuration: configuration,
    barrierRecords: barrierRecords, commands: commands, prepare, whileRunning: whileRunning)
}

func run<Matching: MatchingModel>(
  _ source: some FrameSource, matching: Matching, in directory: String, batch: Int = 256,
  configuration: PipelineConfiguration? = nil, barrierRecords: UInt64 = 3_000,
  commands: [Control] = [], _ prepare: (inout PipelineOptions) -> Void = { _ in },
  whileRunning: @Sendable (Pipeline<Matching>) async -> Void = { _ in }
) async throws -> RunOutcome {
  var options = PipelineOptions(
    dataDirectory: directory, configuration: try configuration ?? Fixture.configuration(),
    logger: Fixture.quiet)
  options.batchRecords = batch
  options.barrierRecords = barrierRecords
  options.commitInterval = .milliseconds(1)
  prepare(&options)
  let pipeline = try await Pipeline(options: options, matching: matching)
  for command in commands { #expect(pipeline.controls.submit(command) != nil) }
  async let watching: Void = whileRunning(pipeline)
  do {
    try await pipeline.run(source)
  } catch is MailboxClosed {
    // How a cancelled pipeline ends.
  } catch is CancellationError {}
  await watching
  return RunOutcome(
    digest: try await pipeline.store.digest(), totals: try await pipeline.store.totals(),
    status: pipeline.board.status())
}
