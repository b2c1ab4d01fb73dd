import Foundation
import Testing

@Suite("Who judges does not know who injects")
struct InjectorTests {
  let repository = Repository.current

  /// The Swift sources of a target under Sources.
  private func sources(of target: String) throws -> [String] {
    try repository.files().filter { $0.hasPrefix("Sources/\(target)/") && $0.hasSuffix(".swift") }
  }

  @Test("no source imports a target of the tests, such as the campaign's")
  func noTestTarget() throws {
    let tests = Set(
      try repository.files().filter { $0.hasPrefix("Tests/") }.map {
        String($0.dropFirst("Tests/".count).prefix { $0 != "/" })
      })
    #expect(tests.contains("CDBCampaignTests"), "the campaign is elsewhere: this test looks for its name")
    for path in try repository.files() where path.hasPrefix("Sources/") && path.hasSuffix(".swift") {
      for found in ImportScanner.imports(in: try repository.text(path)) {
        #expect(!tests.contains(found.module), "\(path):\(found.line) imports \(found.module)")
      }
    }
  }

  @Test("what injects faults stands on the services' floor, which the gate and all below it cannot import")
  func injectorIsAbove() throws {
    let injectors = ["FaultInjector", "FaultPlan"]
    let services = try sources(of: "CDBServices").map { try repository.text($0) }.joined()
    for name in injectors { #expect(services.contains("struct \(name)"), "\(name) is elsewhere") }
    for target in ["CDBDomain", "CDBPipeline", "CDBGate"] {
      let paths = try sources(of: target)
      #expect(paths.count > 10, "hardly any sources of \(target); the test looks in the wrong place")
      for path in paths {
        let text = try repository.text(path)
        for name in injectors { #expect(!text.contains(name), "\(path) speaks of \(name)") }
      }
    }
  }
}
