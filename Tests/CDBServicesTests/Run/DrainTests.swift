import Foundation
import Testing

@testable import CDBPipeline
@testable import CDBServices

@Suite("The drain of the processes of a pipeline")
struct DrainTests {
  private static let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in
    url.deletingLastPathComponent()
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
  }

  @Test(
    "a run, a stage and the gate service have the same time to end in",
    arguments: ["Run/RunService", "Services/StageProcess", "Services/GateService"])
  func oneRule(_ file: String) throws {
    let source = try text("Sources/CDBServices/\(file).swift")
    #expect(source.contains("ServiceRunner("))
    #expect(source.contains("drainDeadline: Drain.deadline"))
  }

  @Test("it is longer than what is waited for at the end, and containers are given more")
  func order() throws {
    #expect(SinkLoop.patienceAtTheEnd + .seconds(5) <= Drain.deadline)
    let compose = try text("docker/compose.yml")
    let grace = try #require(compose.firstMatch(of: /x-cdb: &cdb\n(?:.*\n)*?  stop_grace_period: (\d+)s/))
    #expect(Duration.seconds(Int(grace.1) ?? 0) >= Drain.deadline + .seconds(5))
    let seconds = "\(Drain.deadline.components.seconds) s"
    #expect(
      try text("docs/03_stacks/services.md").contains("leaves the mark of a planned end, within \(seconds)"))
  }
}
