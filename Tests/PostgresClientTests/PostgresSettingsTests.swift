import Testing

@testable import PostgresClient

@Suite("Where a PostgreSQL server is")
struct PostgresSettingsTests {
  @Test(
    "a connection string names a place, in either form, and its password is never printed",
    arguments: [
      ("postgresql://ann:s3cret@db.example:6000/trades?sslmode=require", "db.example:6000/trades"),
      ("host=db.example port=6000 dbname=trades user=ann password=s3cret", "db.example:6000/trades"),
      ("postgres://ann:s3cret@[::1]/trades", "::1:5432/trades"),
      ("user=ann password=s3cret", "localhost:5432/ann"),
    ])
  func place(text: String, place: String) throws {
    let settings = try PostgresSettings(text)
    #expect(settings.place == place)
    var dumped = ""
    dump(settings, to: &dumped)
    for printed in ["\(settings)", String(reflecting: settings), dumped] {
      #expect(!printed.contains("s3cret"))
    }
    #expect(try settings.parameters().contains { $0.name == "password" && $0.value == "s3cret" })
  }

  @Test(
    "what is no connection string is refused without being repeated",
    arguments: ["", "postgresql://ann:s3cret@h:1/d?nonsense=1", "host=h s3cret", "a\0b", "host='s3cret"])
  func invalid(text: String) {
    do {
      _ = try PostgresSettings(text)
      Issue.record("taken: \(text)")
    } catch {
      #expect(error.kind == .invalidSettings && !"\(error)".contains("s3cret"))
    }
  }

  @Test("the password is asked for at each connection, and a file that is not there is said")
  func password() throws {
    struct Missing: Error {}
    let given = try PostgresSettings("host=h") { "one" }
    #expect(try given.parameters().contains { $0.name == "password" && $0.value == "one" })
    let missing = try PostgresSettings("host=h") { throw Missing() }
    #expect(throws: PostgresError.self) { try missing.parameters() }
  }

  @Test("timeouts are the session's unless the connection string sets them; libpq's parameters go through")
  func setup() throws {
    let plain = try PostgresSettings("host=h")
    #expect(plain.setup.contains("SET statement_timeout = 30000"))
    #expect(plain.connectTimeout == 10)
    let own = try PostgresSettings(
      "postgresql://h/d?connect_timeout=3&sslmode=verify-full&options=-cstatement_timeout%3D5s")
    #expect(!own.setup.contains { $0.contains("statement_timeout") } && own.connectTimeout == 3)
    #expect(try own.parameters().contains { $0.name == "sslmode" && $0.value == "verify-full" })
  }

  @Test("nobody is asked again at once after a connection did not come about, and the pause is bounded")
  func pause() {
    let start = ContinuousClock.now
    var pause = ReconnectPause()
    #expect(!pause.holds(at: start))
    pause.failed(at: start)
    #expect(pause.holds(at: start) && !pause.holds(at: start + .milliseconds(100)))
    for _ in 0..<10 { pause.failed(at: start) }
    #expect(pause.holds(at: start + .milliseconds(1_999)) && !pause.holds(at: start + .seconds(2)))
    pause.succeeded()
    #expect(pause == ReconnectPause())
  }

  @Test("what the server's states mean, and every error names the place and a way out")
  func errors() {
    let kinds: [(String, PostgresError.Kind)] = [
      ("57014", .timedOut), ("55P03", .locked), ("25006", .readOnly), ("53100", .exhausted),
      ("42501", .notPermitted),
      ("40P01", .conflict), ("57P01", .connectionLost), ("57P03", .cannotConnect), ("28P01", .notAdmitted),
      ("3D000", .notAdmitted), ("08006", .connectionLost), ("23503", .refused),
    ]
    for (state, kind) in kinds { #expect(PostgresError.kind(ofState: state) == kind, "\(state)") }
    for kind in PostgresError.Kind.allCases where kind != .refused && kind != .cancelled {
      let text = PostgresError(kind, place: "h:1/d", reason: "why").description
      #expect(text.hasPrefix("PostgreSQL at h:1/d: why: ") && text.count > 30)
    }
  }

  @Test("an array is the server's binary form: dimensions, NULLs, type, count, first index, elements")
  func arrays() {
    let array = PostgresParameter.integers([1, nil])
    #expect(
      array.bytes == [
        0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 255,
        255,
        255, 255,
      ])
    #expect(PostgresParameter.texts([]).bytes == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25])
    #expect(PostgresParameter.texts(["é"]).bytes?.suffix(6) == [0, 0, 0, 2, 0xc3, 0xa9])
  }
}
