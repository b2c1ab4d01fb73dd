import Dispatch
import Foundation
import Logging
import PushServerFixture
import RemoteWrite

/// A bridge as a process of its own, for tests that kill it: CONFIGURATION DIRECTORY [PORT], on which it takes what is pushed. SIGTERM
/// ends it as it should end.
@main
enum BridgeCrashChild {
  static func main() async throws {
    guard (3...4).contains(CommandLine.arguments.count) else { exit(2) }
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
    let server = try CommandLine.arguments.dropFirst(3).first.flatMap { UInt16($0) }.map {
      try PushServer(bridge.receiver, port: $0)
    }
    await bridge.run()
    server?.stop()
    termination.cancel()
  }
}
