import Foundation
import ServiceRuntime
import Synchronization
import Testing

@Suite("Secret")
struct SecretTests {
  private struct Holder: Codable {
    let name: String
    let secret: Secret
  }

  @Test("case 15: no road to text shows the value")
  func neverPrinted() throws {
    let secret = Secret("hunter2")
    let holder = Holder(name: "n", secret: secret)
    var dumped = ""
    dump(holder, to: &dumped)
    dump(secret, to: &dumped)
    let json = String(decoding: try JSONEncoder().encode(holder), as: UTF8.self)
    let texts = [
      "\(secret)", String(describing: secret), String(reflecting: secret), "\(holder)", "\([secret])",
      "\(["k": secret])", "\(Optional(secret) as Any)", String(reflecting: holder), dumped, json,
      "\(Mirror(reflecting: secret).children.map { "\($0)" })", "\(Mirror(reflecting: secret))",
      "\(FixedSecretSource(secret))",
    ]
    for text in texts { #expect(!text.contains("hunter2")) }
    #expect("\(secret)" == "<redacted>")
    #expect(Mirror(reflecting: secret).children.isEmpty)
  }

  @Test("the value comes out where it is asked for, and a redacted one cannot come back")
  func exposed() throws {
    #expect(Secret("a").withExposed { $0 } == "a")
    #expect(try JSONDecoder().decode([Secret].self, from: Data(#"["x"]"#.utf8)) == [Secret("x")])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([Secret].self, from: JSONEncoder().encode([Secret("x")]))
    }
  }

  @Test("equality is that of the bytes")
  func equality() {
    #expect(Secret("abc") == Secret("abc"))
    #expect(Secret("abc") != Secret("abd"))
    #expect(Secret("abc") != Secret("ab"))
    #expect(Secret("") != Secret("\0"))
    #expect(Secret("ab") != Secret("ab\0"))
    #expect(Secret("") == Secret(bytes: []))
  }

  @Test("a secret's file is read again when it has changed")
  func reload() throws {
    let folder = try TemporaryFolder()
    let source = FileSecretSource(path: try folder.write("t", " first\n"))
    #expect(try source.secret() == Secret("first"))
    _ = try folder.write("t", "second, longer\n")
    #expect(try source.secret() == Secret("second, longer"))
    try FileManager.default.removeItem(atPath: folder.path + "/t")
    #expect {
      try source.secret()
    } throws: { "\($0)".contains("No such file") }
  }

  @Test("a file that every user may read works, with one warning")
  func worldReadable() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("t", "x", mode: 0o644)
    let warnings = Mutex<[FileSecretSource.Warning]>([])
    let source = FileSecretSource(path: path) { warning in warnings.withLock { $0.append(warning) } }
    for _ in 0..<3 { #expect(try source.secret() == Secret("x")) }
    #expect(warnings.withLock { $0 } == [.worldReadable(path: path, mode: 0o644)])
  }

  @Test("an empty, oversized or special file is an error")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let empty = try folder.write("e", " \n")
    #expect(throws: SecretError.empty(path: empty)) { try FileSecretSource(path: empty).secret() }
    let large = try folder.write("l", String(repeating: "x", count: 100))
    #expect(throws: SecretError.tooLarge(path: large, limit: 99)) {
      try FileSecretSource(path: large, maximumBytes: 99).secret()
    }
    #expect(throws: SecretError.self) { try FileSecretSource(path: "/dev/zero").secret() }
    #expect(throws: SecretError.self) { try FileSecretSource(path: folder.path).secret() }
  }

  @Test("a configured secret comes from the environment or from a file, relative to the configuration's")
  func configured() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("token", "from-file\n")
    let file = try folder.write("cdb.yml", "api:\n  token_file: token\n")
    let fromFile = try Fixture.load(file: file)
    #expect(try fromFile.secretSource("api.token")?.secret() == Secret("from-file"))
    let fromEnvironment = try Fixture.load(file: file, environment: ["CDB_API_TOKEN": "from-env"])
    #expect(try fromEnvironment.secretSource("api.token")?.secret() == Secret("from-env"))
    #expect(!fromEnvironment.description.contains("from-env"))
    #expect(fromEnvironment.entries.first { $0.key == "api.token" }?.value == "<redacted>")
    #expect(!"\(fromEnvironment.entries)".contains("from-env"))
    var dumped = ""
    dump(fromEnvironment, to: &dumped)
    #expect(!dumped.contains("from-env"))
    let path = folder.path + "/token"
    #expect(try Fixture.load(flags: ["api-token-file": path]).secretSource("api.token") != nil)
    #expect(Fixture.problem(environment: ["CDB_API_TOKEN": ""])?.contains("not empty") == true)
    #expect(
      Fixture.problem(environment: ["CDB_API_TOKEN": "s3", "CDB_API_TOKEN_FILE": "x"])?
        .contains("keep one") == true)
  }
}
