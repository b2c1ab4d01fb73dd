import Dispatch
import Foundation
import LogShipping
import Logging

/// A shipper as a process of its own, for tests that kill it: DIRECTORY PATTERN URL INDEX [routed]. With the last word
/// lines go to the data streams that they name, and requests are packed. SIGTERM ends it as it should end.
@main
enum ShipperCrashChild {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard (5...6).contains(arguments.count) else { exit(2) }
    let isRouted = arguments.last == "routed"
    let logger = Logger(label: "shipper") { StreamLogHandler.standardError(label: $0) }
    let shipper = try LogShipper(
      options: ShipperOptions(
        directory: arguments[1], patterns: PathPatterns(included: [arguments[2]]),
        target: BulkTarget(
          urls: [arguments[3]], index: arguments[4], routing: isRouted ? StreamRouting() : nil,
          compressionLevel: isRouted ? 1 : 0, timeout: isRouted ? 20_000 : 5_000),
        userAgent: "crash-child/1", batchBytes: 256 << 10, batchItems: isRouted ? 200 : 10_000, linger: 50,
        checkpointInterval: 200,
        longestPause: 500),
      logger: logger)
    signal(SIGTERM, SIG_IGN)
    let termination = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
    // Called on a queue of Dispatch's, not on the main actor.
    termination.setEventHandler { @Sendable in shipper.stop() }
    termination.resume()
    await shipper.run()
    termination.cancel()
  }
}
