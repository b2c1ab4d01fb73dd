import Testing

@testable import ServiceRuntime

@Suite("How many files may be open")
struct OpenFilesTests {
  @Test("connections leave room for what else has to be opened")
  func connections() {
    #expect(OpenFiles.connections(1_024, limit: 65_536) == 1_024)
    #expect(OpenFiles.connections(1_024, limit: 1_024) == 1_024 - OpenFiles.reserve)
    #expect(OpenFiles.connections(1_024, limit: 256) == 128)
    #expect(OpenFiles.connections(1_024, limit: 20) == OpenFiles.fewestConnections)
    #expect(OpenFiles.connections(4, limit: 20) == 4)
    #expect(OpenFiles.connections(7, limit: nil) == 7)
  }

  @Test("the limit is raised and never lowered")
  func raised() throws {
    let before = try #require(OpenFiles.limit)
    OpenFiles.raiseLimit()
    #expect(try #require(OpenFiles.limit) >= before)
  }
}
