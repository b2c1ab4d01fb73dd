import CDBDomain
import CDBPipeline
import Foundation
import HTTPTransport
import ServiceLifecycle
import ServiceRuntime

/// Asks each process of a pipeline what it says of itself, again and again, and shows it on a board. Each is asked on its own:
/// one that is slow holds up no other.
struct PartCollector: Service {
  /// From the beginning of one question to that of the next.
  static let interval = Duration.milliseconds(250)
  /// The longest that an answer may take.
  static let patience = Duration.seconds(1)
  /// More is no answer of ours.
  static let longestAnswer = 8 << 20

  let addresses: [StageName: [ListenAddress]]
  let board: PipelineBoard

  func run() async throws {
    let client = HTTPClient()
    defer { client.shutdown() }
    await withDiscardingTaskGroup { group in
      for (stage, addresses) in addresses {
        for address in addresses { group.addTask { await ask(stage, at: address, client) } }
      }
    }
  }

  private func ask(_ stage: StageName, at address: ListenAddress, _ client: HTTPClient) async {
    let clock = ContinuousClock()
    let request = HTTPRequest(
      url: "http://\(ServiceClient.reachable(address))/api/v1/part",
      timeouts: HTTPTimeouts(connect: Self.patience, total: Self.patience),
      maximumResponseBytes: Self.longestAnswer)
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      let next = clock.now + Self.interval
      do {
        note(try await client.send(request), of: stage, at: "\(address)")
      } catch {
        switch error {
        case .cancelled, .shutDown: return
        case .cannotConnect, .cannotResolve:
          board.miss(stage, at: "\(address)", .unreachable, cause: "\(error)")
        case .timedOut, .broken: board.miss(stage, at: "\(address)", .silent, cause: "\(error)")
        case .invalidRequest, .tls, .responseTooLarge:
          board.miss(stage, at: "\(address)", .strange, cause: "\(error)")
        }
      }
      try? await cancelWhenGracefulShutdown { try await clock.sleep(until: next) }
    }
  }

  private func note(_ response: HTTPResponse, of stage: StageName, at address: String) {
    guard response.status == 200 else {
      return board.miss(stage, at: address, .strange, cause: "HTTP status \(response.status)")
    }
    guard let part = try? JSONDecoder().decode(ServicePart.self, from: Data(response.body)) else {
      return board.miss(stage, at: address, .strange, cause: "the answer is not cdb's, or of another version")
    }
    guard part.stage == stage else {
      return board.miss(stage, at: address, .strange, cause: "\(part.stage.rawValue) answers there")
    }
    board.take(part, from: address)
  }
}
