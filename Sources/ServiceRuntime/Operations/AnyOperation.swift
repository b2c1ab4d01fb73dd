import FoundationEssentials

/// An operation whose types are behind JSON, so that a catalogue can hold many.
public struct AnyOperation: Sendable {
  public let name: String
  public let summary: String
  public let effect: OperationEffect
  public let permission: String
  public let examples: [String]
  /// Whether it is right however late it is done.
  public let isDoneLate: Bool
  /// The input's fields, as far as its `Decodable` conformance tells.
  public let parameters: OperationParameters
  private let invokeJSON: @Sendable ([UInt8], OperationContext) async throws(OperationError) -> [UInt8]
  private let invokeQuery: @Sendable ([QueryItem], OperationContext) async throws(OperationError) -> [UInt8]

  public init<Input: Codable & Sendable, Output: Codable & Sendable>(_ operation: Operation<Input, Output>) {
    let parameters = OperationParameters(of: Input.self)
    self.name = operation.name
    self.summary = operation.summary
    self.effect = operation.effect
    self.permission = operation.permission
    self.examples = operation.examples
    self.isDoneLate = operation.isDoneLate
    self.parameters = parameters
    self.invokeJSON = { (json, context) async throws(OperationError) -> [UInt8] in
      let input = try Self.decode(Input.self, json: json, parameters: parameters)
      return try Self.encode(try await operation.run(input, context: context), name: operation.name)
    }
    self.invokeQuery = { (items, context) async throws(OperationError) -> [UInt8] in
      let input = try Self.decode(Input.self, query: items, parameters: parameters)
      return try Self.encode(try await operation.run(input, context: context), name: operation.name)
    }
  }

  /// Runs it on a JSON object; no bytes at all count as `{}`.
  public func invoke(json: [UInt8], context: OperationContext) async throws(OperationError) -> [UInt8] {
    try await invokeJSON(json, context)
  }

  /// Runs it on a query's items, each read as the type that the input declares for it.
  public func invoke(query: [QueryItem], context: OperationContext) async throws(OperationError) -> [UInt8] {
    try await invokeQuery(query, context)
  }

  private static func decode<Input: Decodable>(
    _ type: Input.Type, json: [UInt8], parameters: OperationParameters
  ) throws(OperationError) -> Input {
    let data = json.isEmpty ? Data("{}".utf8) : Data(json)
    // Foundation's decoder recurses; nesting that could exhaust a thread's stack is refused before.
    guard JSONNesting.depth(of: json) <= 64 else { throw .invalidInput("the JSON is nested too deeply") }
    let decoder = JSONDecoder()
    do {
      if parameters.isComplete {
        let names = try decoder.decode(FieldNames.self, from: data).names
        try parameters.refuseUnknown(names)
      }
      return try decoder.decode(type, from: data)
    } catch let error as OperationError {
      throw error
    } catch let error as DecodingError {
      throw .invalidInput(InputProblem.sentence(for: error))
    } catch {
      throw .invalidInput("the input is not valid JSON")
    }
  }

  private static func decode<Input: Decodable>(
    _ type: Input.Type, query: [QueryItem], parameters: OperationParameters
  ) throws(OperationError) -> Input {
    do {
      if parameters.isComplete { try parameters.refuseUnknown(query.map(\.name)) }
      return try type.init(from: QueryDecoder(items: query))
    } catch let error as OperationError {
      throw error
    } catch let error as DecodingError {
      throw .invalidInput(InputProblem.sentence(for: error))
    } catch {
      throw .invalidInput("the input does not fit")
    }
  }

  private static func encode<Output: Encodable>(
    _ output: Output, name: String
  ) throws(OperationError) -> [UInt8] {
    do {
      return Array(try JSONText.encoder().encode(output))
    } catch {
      throw .internal("the result of \(name) cannot be written as JSON")
    }
  }
}

/// The top-level names of a JSON object.
private struct FieldNames: Decodable {
  let names: [String]

  init(from decoder: any Decoder) throws {
    names = try decoder.container(keyedBy: AnyCodingKey.self).allKeys.map(\.stringValue)
  }
}
