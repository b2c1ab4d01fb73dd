import Dispatch
import Foundation
import Logging
import RemoteWrite

/// A bridge as a process of its own, for tests that kill it: CONFIGURATION DIRECTORY. SIGTERM ends it as it should end.
@main
enum BridgeCrashChild {
  static func main() async throws {
    guard CommandLine.arguments.count == 3 else { exit(2) }
    let logger = Logger(label: "bridge") { StreamLogHandler.standardError(label: $0) }
    let bridge = try Bridge(
      configuration: PrometheusConfiguration(path: CommandLine.arguments[1]),
      options: BridgeOptions(
        directory: CommandLine.arguments[2], userAgent: "crash-child/1", segmentBytes: 1 << 18,
        // What waits at the end of a campaign is much, on a slow machine more.
        flushDeadline: .seconds(60)),
      logger: logger)
    signal(SIGTERM, SIG_IGN)
    let termination = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
    // Called on a queue of Dispatch's, not on the main actor.
    termination.setEventHandler { @Sendable in bridge.stop() }
    termination.resume()
    await bridge.run()
    termination.cancel()
  }
}
