import CDBDomain
import Logging
import ServiceLifecycle
import ServiceRuntime
import UnixSignals

/// The ways to the emergency stop that need neither network nor token: a file, and a signal. Whoever can write into the
/// data directory, or signal the process, may stop it; nobody can resume in this way.
struct StopTriggers: Service {
  /// The file's name in the data directory. While it is there, nothing resumes.
  static let fileName = "STOP"
  static let signal = UnixSignal.sigusr1
  /// How often the file is looked for: its part of the second in which a stop must be in force.
  static let interval = Duration.milliseconds(100)

  let file: MarkerFile
  let stop: EmergencyStop
  let logger: Logger

  func run() async throws {
    await withDiscardingTaskGroup { group in
      group.addTask { await watchFile() }
      group.addTask { await watchSignal() }
    }
  }

  private func watchFile() async {
    var isHandled = false
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      if !file.exists {
        isHandled = false
      } else if !isHandled {
        isHandled = await carryOut(
          actor: "file:\(Self.fileName)", reason: Self.words(file.text) ?? "the file \(Self.fileName)")
      }
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
    }
  }

  private func watchSignal() async {
    let signals = await UnixSignalsSequence(trapping: Self.signal).cancelOnGracefulShutdown()
    for await signal in signals { await carryOut(actor: "signal:\(signal)", reason: "the signal \(signal)") }
  }

  /// False where the stages have it not yet: then it is asked for again.
  @discardableResult
  private func carryOut(actor: String, reason: String) async -> Bool {
    guard let report = await stop(actor: actor, reason: reason) else { return true }
    logger.notice(
      "\(report.text(in: .en))",
      metadata: [
        "event.action": "stop", "event.outcome": report.verified ? "success" : "failure",
        "labels.actor": "\(actor)", "labels.reason": "\(reason)",
      ])
    return report.inForce
  }

  /// Cut at a character where it is too long to be kept.
  static func words(_ text: String?) -> String? {
    guard var text else { return nil }
    while text.utf8.count > EmergencyStop.longestReason { text.removeLast(max(1, text.count / 10)) }
    return text
  }
}
