import CDBDomain
import CDBGate
import Foundation

/// Waits until a gate that verifies has come to an end of it.
public struct GateWaiter: Sendable {
  /// The five checks together take a few seconds; each has a deadline of its own.
  static let patience = Duration.seconds(60)

  private let client: ServiceClient

  public init(client: ServiceClient) { self.client = client }

  /// The report once the gate is no longer verifying, or the newest where it takes too long.
  public func settled() async throws -> GateReport {
    let deadline = ContinuousClock.now + Self.patience
    while true {
      let report = try JSONDecoder().decode(
        GateReport.self, from: Data(try await client.read("gate.status")))
      if report.state != .verifying || ContinuousClock.now >= deadline { return report }
      try await Task.sleep(for: .milliseconds(100))
    }
  }
}
