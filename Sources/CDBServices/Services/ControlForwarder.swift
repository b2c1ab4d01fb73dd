import CDBDomain
import CDBPipeline
import Foundation
import Logging
import ServiceLifecycle
import ServiceRuntime
import Synchronization

/// Carries what the gate's keepers put into the input to ws, in its order, again and again until ws has it in its journal. A stop
/// that would have to wait for others goes ahead of them, and comes again in its place.
/// A keeper notices no difference but time.
struct ControlForwarder: Service {
  /// How often it looks for something to send.
  static let interval = Duration.milliseconds(10)
  /// Without anything to send, this often it says that it lives.
  static let heartbeat = Duration.seconds(1)
  /// The longest that an answer may take: ws waits for its journal, ``ControlIntake/patience``.
  static let patience = Duration.seconds(1)
  /// From one attempt to the next.
  static let pauses = (first: Duration.milliseconds(50), longest: Duration.milliseconds(500))
  /// Controls that may wait while ws is away; a stop always may.
  static let mostWaiting = 10_000

  let controls: IntakeControls
  let client: ServiceClient
  let delivery: ControlDelivery
  /// What is sent last.
  let farewell: Control?
  /// How long it goes on at the end: what a person was told must get there if it can.
  var patienceAtTheEnd = Duration.milliseconds(500)
  let logger: Logger

  func run() async throws {
    var outbox = ControlOutbox(sender: Self.name())
    var pause = Self.pauses.first
    let clock = ContinuousClock()
    var said = clock.now - Self.heartbeat
    var deadline: ContinuousClock.Instant?
    while !Task.isCancelled {
      if Task.isShuttingDownGracefully, deadline == nil {
        if let farewell { _ = controls.submit(farewell) }
        controls.close()
        deadline = clock.now + patienceAtTheEnd
      }
      if let deadline, clock.now >= deadline { return }
      if outbox.takesStop, let stop = controls.takeOvertakingStop(behind: outbox.room) { outbox.hurry(stop) }
      outbox.add(
        controls.takeControls(maximum: outbox.room), wantsBarrier: controls.takeBarrierRequest())
      if outbox.isEmpty {
        if deadline != nil { return }
        guard clock.now - said >= Self.heartbeat else {
          try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
          continue
        }
      }
      if await send(&outbox) {
        pause = Self.pauses.first
        said = clock.now
      } else {
        try? await Task.sleep(for: pause)
        pause = min(pause * 2, Self.pauses.longest)
      }
    }
  }

  /// False where it has to be tried again after a pause.
  private func send(_ outbox: inout ControlOutbox) async -> Bool {
    let input = outbox.input
    do {
      let body = try await client.change("controls", input, isDoneLate: true)
      let receipt = try JSONDecoder().decode(ControlReceipt.self, from: Data(body))
      let done = outbox.take(receipt, of: input)
      controls.noteJournaled(done)
      note(nil)
      return done > 0 || input.controls.isEmpty
    } catch let refusal as ServiceRefused where refusal.status == 400 || refusal.status == 413 {
      if let lost = outbox.notUnderstood(as: Self.name()) {
        controls.noteRefused()
        logger.error(
          "ws does not understand a control",
          metadata: ["event.action": "\(lost.name)", "error.message": "\(refusal)"])
      }
      return false
    } catch let refusal as ServiceRefused where refusal.status == 404 {
      outbox.beginAnew(as: Self.name())
      return false
    } catch {
      note("\(error)")
      return false
    }
  }

  /// Says once that nothing arrives, and once that it does again.
  private func note(_ failure: String?) {
    guard delivery.update(failure) else { return }
    if let failure {
      logger.warning(
        "ws takes no controls; they are sent again",
        metadata: ["event.action": "controls", "error.message": "\(failure)"])
    } else {
      logger.notice("ws takes controls", metadata: ["event.action": "controls"])
    }
  }

  /// A name that no other process has.
  private static func name() -> String {
    var random = SystemRandomNumberGenerator()
    return "gate-" + String(UInt64.random(in: 0...UInt64.max, using: &random), radix: 36)
  }
}

/// Whether what the gate's keepers decide arrives at ws, for those who look at the gate service's health.
final class ControlDelivery: Sendable {
  private let failure = Mutex<String?>(nil)

  /// True where it arrives and did not, or the other way round.
  fileprivate func update(_ new: String?) -> Bool {
    failure.withLock { failure in
      defer { failure = new }
      return (failure == nil) != (new == nil)
    }
  }

  /// - Parameter isWanted: false where ws has ended as it should, and takes none any more.
  func component(isWanted: Bool) -> HealthReport.Component {
    let failure = failure.withLock { $0 }
    return HealthReport.Component(
      name: "controls", healthy: failure == nil || !isWanted,
      reason: isWanted ? failure : "ws has ended with its input")
  }
}
