import CDBDomain
import Foundation
import Testing

@testable import CDBPipeline

@Suite("a store that another process writes")
struct SharedStoreTests {
  @Test("while there is none questions fail, and then they are answered; another file in its place is seen")
  func late() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/store.sqlite"
      let shared = SharedStore(.sqlite(path: path))
      await #expect(throws: StoreRefusal.missing(place: path)) { try await shared.position() }

      let first = try SQLiteStore(path: path)
      let configuration = try Fixture.configuration()
      _ = try await first.commit(
        [], position: SinkPosition(sequence: 3, origin: 7), configuration: configuration)
      #expect(try await shared.position().origin == 7)
      _ = try await first.commit(
        [], position: SinkPosition(sequence: 4, origin: 9), configuration: configuration)
      #expect(try await shared.position().origin == 9)
      #expect(try await shared.audit(maximumSlippage: Ratio(basisPoints: 50)).findings.isEmpty)
      try first.close()

      for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
        try FileManager.default.removeItem(atPath: directory + "/" + name)
      }
      await #expect(throws: StoreRefusal.missing(place: path)) { try await shared.position() }
      let second = try SQLiteStore(path: path)
      #expect(try await shared.position().origin == 0)
      try second.close()
      try shared.close()
    }
  }

  @Test("it writes nothing, not even the schema")
  func readOnly() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/store.sqlite"
      #expect(FileManager.default.createFile(atPath: path, contents: Data()))
      let shared = SharedStore(.sqlite(path: path))
      await #expect(throws: StoreRefusal.missing(place: path)) { try await shared.totals() }
      let bytes = try Data(contentsOf: URL(filePath: path))
      #expect(bytes.isEmpty)
    }
  }
}
