import CDBDomain
import CDBGate
import CDBPipeline
import Foundation
import HTTPTransport
import ServiceRuntime

/// Measures what each check of the gate is judged by: on the running pipeline, its store, its log file, and its
/// public interface.
struct GateChecks: Sendable {
  /// The longest that a barrier or a probe may take.
  static let patience = Duration.seconds(GateJudgement.patience)

  let board: PipelineBoard
  let controls: IntakeControls
  let store: any StoreView
  let logPath: LogPathProbe
  let probes: ProbeCounter
  let maximumSlippage: Ratio
  let address: @Sendable () async -> ListenAddress?
  /// A name that the HTTP server answers to.
  let hostName: String?

  /// Carries out a check. Never throws: what cannot be measured is unknown.
  func run(_ check: GateCheck) async -> GateVerdict {
    do {
      switch check {
      case .logs: return await logs()
      case .eventFlow: return await eventFlow()
      case .riskLayer: return try await riskLayer()
      case .dbConsistency: return try await consistency()
      case .smoke: return try await smoke()
      }
    } catch {
      return GateJudgement.unavailable(check, "\(error)", at: ProcessClock.wall())
    }
  }

  private func logs() async -> GateVerdict {
    GateJudgement.logs(await logPath.look(number: probes.next()), at: ProcessClock.wall())
  }

  private func eventFlow() async -> GateVerdict {
    let crossing = BarrierCrossing(board.status(), at: ProcessClock.wall())
    controls.requestBarrier()
    return await verdict(crossing.verdict)
  }

  /// A probe makes the layers prove themselves, at its own event time.
  private func riskLayer() async throws -> GateVerdict {
    let proof = LayerProof(board.status())
    guard try await sendProbe() != nil else {
      return GateJudgement.unprobed(.riskLayer, at: ProcessClock.wall())
    }
    return await verdict(proof.verdict)
  }

  /// Looks until it is one.
  private func verdict(
    _ measured: (PipelineStatus, Double, EventTime) -> GateVerdict?
  ) async -> GateVerdict {
    let clock = ContinuousClock()
    let start = clock.now
    while true {
      // Whoever is cancelled has no patience left.
      let elapsed = Task.isCancelled ? GateJudgement.patience : (clock.now - start) / .seconds(1)
      if let verdict = measured(board.status(), elapsed, ProcessClock.wall()) { return verdict }
      try? await Task.sleep(for: .milliseconds(20))
    }
  }

  private func consistency() async throws -> GateVerdict {
    let clock = ContinuousClock()
    let start = clock.now
    var comparison = ConsistencyComparison()
    while true {
      let before = board.status().account
      let audit = try await store.audit(maximumSlippage: maximumSlippage)
      if let verdict = comparison.verdict(
        audit, before: before, status: board.status(), seconds: (clock.now - start) / .seconds(1),
        at: ProcessClock.wall())
      {
        return verdict
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func smoke() async throws -> GateVerdict {
    let clock = ContinuousClock()
    let start = clock.now
    guard let number = try await sendProbe() else {
      return GateJudgement.unprobed(.smoke, at: ProcessClock.wall())
    }
    guard let address = await address() else {
      return GateJudgement.unavailable(.smoke, "the HTTP server does not listen", at: ProcessClock.wall())
    }
    let client = ServiceClient(address: address, hostName: hostName)
    let source = "GET /api/v1/probe"
    var record: ProbeRecord?
    while clock.now < start + Self.patience, !Task.isCancelled {
      let body = try await client.read("probe", query: ["number": "\(number)"])
      record = try JSONDecoder().decode(ProbeAnswer.self, from: Data(body)).probe
      if record?.isFinal == true { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    return GateJudgement.smoke(
      record, seconds: (clock.now - start) / .seconds(1), source: source, at: ProcessClock.wall())
  }

  /// Sends a probe into the pipeline; nil where none can be sent. Instruments take turns.
  func sendProbe() async throws -> UInt64? {
    let number = probes.next()
    guard let instrument = GateJudgement.probed(number, in: board.status().account) else { return nil }
    return controls.submit(.probe(number: number, instrument: instrument)) == nil ? nil : number
  }
}

/// What `GET /api/v1/probe` answers.
public struct ProbeAnswer: Codable, Sendable {
  public var probe: ProbeRecord?
}
