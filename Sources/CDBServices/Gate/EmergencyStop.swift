import CDBDomain
import CDBPipeline

/// The emergency stop, whoever asks for it: by the gate, which proves it, or without one.
struct EmergencyStop: Sendable {
  /// The longest reason that is kept, bytes of UTF-8.
  static let longestReason = 1_000

  let board: PipelineBoard
  let controls: IntakeControls
  /// Nil where nothing guards the pipeline.
  let gate: GateKeeper?

  /// Returns nil where the input takes no commands: it is a journal's, or it is ending.
  func callAsFunction(actor: String, reason: String) async -> StopReport? {
    if let gate { return await gate.stop(actor: actor, reason: reason) }
    return await unguarded(actor: actor, reason: reason)
  }

  /// In force as soon as the stages have it, and not proved by a probe.
  private func unguarded(actor: String, reason: String) async -> StopReport? {
    let clock = ContinuousClock()
    let start = clock.now
    guard let command = controls.submit(.stop(reason: reason, actor: actor)) else { return nil }
    _ = await controls.journaled(command, within: GateKeeper.stopDeadline)
    while board.status().account?.killSwitch == nil, clock.now < start + GateKeeper.stopDeadline {
      guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { break }
    }
    return StopReport(
      accepted: true, inForce: board.status().account?.killSwitch != nil, verified: false, refusedBy: nil,
      seconds: (clock.now - start) / .seconds(1))
  }
}
