import ServiceRuntime
import Testing

@Suite("Operations")
struct OperationTests {
  enum Side: String, Codable, CaseIterable { case buy, sell }

  struct Input: Codable, Sendable, Equatable {
    var symbol: String
    var side: Side
    var limit: Int
    var ratio: Double?
    var verbose: Bool?
    var tags: [String]?
  }

  private static let echo = AnyOperation(
    Operation<Input, Input>(name: "echo", summary: "Gives back what it gets.") { input, _ in input })

  private func echo(query: String) async throws(OperationError) -> String {
    guard let items = QueryItem.parse(query) else { throw .invalidInput("query") }
    return String(
      decoding: try await Self.echo.invoke(query: items, context: OperationContext(caller: "test")),
      as: UTF8.self)
  }

  private func echo(json: String) async throws(OperationError) -> String {
    String(
      decoding: try await Self.echo.invoke(json: Array(json.utf8), context: OperationContext(caller: "test")),
      as: UTF8.self)
  }

  private func problem(_ body: () async throws(OperationError) -> String) async -> OperationError? {
    do throws(OperationError) {
      _ = try await body()
      return nil
    } catch { return error }
  }

  @Test("a query's texts are read as the types that the input declares")
  func coercion() async throws {
    #expect(
      try await echo(query: "symbol=12&side=sell&limit=-5&ratio=0.5&verbose=true&tags=a&tags=b%20c")
        == #"{"limit":-5,"ratio":0.5,"side":"sell","symbol":"12","tags":["a","b c"],"verbose":true}"#)
    #expect(
      try await echo(query: "symbol=&side=buy&limit=1&ratio=&verbose")
        == #"{"limit":1,"side":"buy","symbol":""}"#)
  }

  @Test(
    "what does not fit is named",
    arguments: [
      ("side=buy&limit=1", "symbol is missing"),
      ("symbol=a&side=up&limit=1", "side has a value that is not allowed"),
      ("symbol=a&side=buy&limit=x", "limit must be a whole number"),
      ("symbol=a&side=buy&limit=99999999999999999999", "limit must be a whole number"),
      ("symbol=a&side=buy&limit=1&ratio=nan", "ratio must be a number"),
      ("symbol=a&side=buy&limit=1&verbose=perhaps", "verbose must be true or false"),
      ("symbol=a&side=buy&limit=1&limit=2", "limit has a value that is not allowed"),
      ("symbol=a&side=buy&limit=1&limt=2", "unknown parameter limt; did you mean limit?"),
    ])
  func queryProblems(query: String, message: String) async {
    #expect(
      await problem { () async throws(OperationError) in try await echo(query: query) }
        == .invalidInput(message))
  }

  @Test(
    "JSON that is broken, of another shape, too deep or with an unknown field is invalid input",
    arguments: [
      "", "{", "[]", "null", "\"x\"", #"{"symbol":1,"side":"buy","limit":1}"#,
      #"{"symbol":"a","side":"buy","limit":1.5}"#, #"{"symbol":"a","side":"buy","limit":1,"extra":1}"#,
      String(repeating: "[", count: 100_000), #"{"symbol":"a","side":null,"limit":1}"#,
    ])
  func jsonProblems(json: String) async {
    #expect(
      await problem { () async throws(OperationError) in try await echo(json: json) }?.code == .invalidInput)
  }

  @Test("the fields of the input are found by themselves")
  func parameters() {
    let list = Self.echo.parameters.list
    #expect(Self.echo.parameters.isComplete)
    #expect(list.map(\.name) == ["symbol", "side", "limit", "ratio", "verbose", "tags"])
    #expect(list.map(\.type) == ["string", "string", "integer", "number", "boolean", "array"])
    #expect(list.map(\.required) == [true, true, true, false, false, false])
    #expect(list[1].choices == ["buy", "sell"])
  }

  @Test("an error keeps its code; one of another type does not leak")
  func errors() async {
    struct Surprise: Error { let detail = "hunter2" }
    let conflict = Operation<NoInput, NoInput>(name: "a", summary: "") { _, _ in
      throw OperationError.conflict("not now")
    }
    let surprise = Operation<NoInput, NoInput>(name: "b", summary: "") { _, _ in throw Surprise() }
    await #expect(throws: OperationError.conflict("not now")) {
      try await conflict.run(NoInput(), context: OperationContext(caller: "test"))
    }
    await #expect(throws: OperationError.internal("b failed")) {
      try await surprise.run(NoInput(), context: OperationContext(caller: "test"))
    }
  }

  @Test("names are unique and well-formed", arguments: ["", "Why", "a/b", "operations", "1a", "a b", "ä"])
  func names(name: String) {
    let operation = { (name: String) in
      AnyOperation(Operation<NoInput, NoInput>(name: name, summary: "") { input, _ in input })
    }
    #expect(throws: OperationCatalogue.Failure.invalidName(name)) {
      try OperationCatalogue([operation(name)])
    }
    #expect(throws: OperationCatalogue.Failure.duplicateName("a")) {
      try OperationCatalogue([operation("a"), operation("a")])
    }
  }

  @Test("queries decode, and broken ones are nil")
  func queries() {
    #expect(QueryItem.parse("") == [])
    #expect(
      QueryItem.parse("a=1&&b&c=x%3Dy+z=") == [
        QueryItem(name: "a", value: "1"), QueryItem(name: "b", value: ""),
        QueryItem(name: "c", value: "x=y z="),
      ])
    for broken in ["a=%", "a=%4", "a=%zz", "a=%ff", "a=%00", "%=1"] {
      #expect(QueryItem.parse(broken) == nil)
    }
  }
}
