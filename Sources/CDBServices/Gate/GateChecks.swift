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
  static let patience = Duration.seconds(5)

  let board: PipelineBoard
  let controls: IntakeControls
  let store: any PipelineStore
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
    let asked = ProcessClock.wall()
    let before = board.status().flow?.barrier ?? 0
    controls.requestBarrier()
    let clock = ContinuousClock()
    let start = clock.now
    var report: FlowReport?
    var missing = StageName.allCases
    while clock.now < start + Self.patience, !Task.isCancelled {
      let status = board.status()
      missing = status.stages.filter { ($0.lastBarrierWall ?? .distantPast) < asked }.map(\.stage)
      if missing.isEmpty, let flow = status.flow, flow.barrier > before {
        report = flow
        break
      }
      try? await Task.sleep(for: .milliseconds(20))
    }
    let elapsed = (clock.now - start) / .seconds(1)
    return GateJudgement.eventFlow(
      GateJudgement.Crossing(
        seconds: report == nil ? nil : elapsed, missing: missing, report: report ?? board.status().flow),
      at: ProcessClock.wall())
  }

  /// A probe makes the layers prove themselves, at its own event time.
  private func riskLayer() async throws -> GateVerdict {
    let before = board.status().account?.selfTest?.time ?? .distantPast
    guard try await sendProbe() != nil else {
      return GateJudgement.unavailable(
        .riskLayer, "the input takes no commands, or no instrument has a price yet", at: ProcessClock.wall())
    }
    let clock = ContinuousClock()
    let deadline = clock.now + Self.patience
    var report = board.status().account?.selfTest
    while clock.now < deadline, !Task.isCancelled, (report?.time ?? .distantPast) <= before {
      try await Task.sleep(for: .milliseconds(20))
      report = board.status().account?.selfTest
    }
    return GateJudgement.riskLayer(report, since: before.advanced(by: 1), at: ProcessClock.wall())
  }

  /// The account and the store are looked at one after the other, so a difference counts only when it stays.
  private func consistency() async throws -> GateVerdict {
    let clock = ContinuousClock()
    let start = clock.now
    while true {
      let before = board.status().account
      let audit = try await store.audit(maximumSlippage: maximumSlippage)
      guard let live = board.status().account else {
        return GateJudgement.unavailable(
          .dbConsistency, "risk has not reported an account yet", at: ProcessClock.wall())
      }
      let verdict = GateJudgement.consistency(audit, live: live, at: ProcessClock.wall())
      let moved = before?.fills != live.fills || before?.openOrderIDs != live.openOrderIDs
      if verdict.outcome == .pass || (!moved && clock.now > start + .seconds(2)) { return verdict }
      guard clock.now < start + Self.patience else {
        return GateJudgement.unavailable(
          .dbConsistency, "the account has not stood still for a look", at: ProcessClock.wall())
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func smoke() async throws -> GateVerdict {
    let clock = ContinuousClock()
    let start = clock.now
    guard let number = try await sendProbe() else {
      return GateJudgement.unavailable(
        .smoke, "the input takes no commands, or no instrument has a price yet", at: ProcessClock.wall())
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
    let priced = board.status().account?.positions.enumerated().filter { $0.element.mark != nil }.map(
      \.offset)
    guard let priced, !priced.isEmpty else { return nil }
    let number = probes.next()
    let instrument = InstrumentID(UInt16(clamping: priced[Int(number % UInt64(priced.count))]))
    return controls.submit(.probe(number: number, instrument: instrument)) == nil ? nil : number
  }
}

/// What `GET /api/v1/probe` answers.
public struct ProbeAnswer: Codable, Sendable {
  public var probe: ProbeRecord?
}
