/// Whether an operation only looks or also changes something.
public enum OperationEffect: String, Sendable, Codable {
  /// Safe to repeat, safe to cache: `GET`.
  case read
  /// Changes something: `POST` with a bearer token.
  case change
}

/// Who asks, for the record that a change leaves.
public struct OperationContext: Sendable {
  /// The surface and the principal: `http`, `cli`, `mcp:agent-7`.
  public let caller: String
  /// The W3C `traceparent` of the request, as it came.
  public let traceparent: String?

  public init(caller: String, traceparent: String? = nil) {
    self.caller = caller
    self.traceparent = traceparent
  }
}

/// The input of an operation that takes none.
public struct NoInput: Codable, Sendable, Equatable {
  public init() {}
}

/// Something a service can be asked to do, declared once; the command line, the HTTP API and MCP tools derive
/// from it.
public struct Operation<Input: Codable & Sendable, Output: Codable & Sendable>: Sendable {
  /// Lower case, digits, `-`, `_`, grouped by dots: `why`, `gate.status`. Also the path below `/api/v1/`.
  public let name: String
  /// One sentence.
  public let summary: String
  public let effect: OperationEffect
  /// The permission that a caller needs, in the words of whoever grants it; empty for none.
  public let permission: String
  /// Inputs as JSON text.
  public let examples: [String]
  /// Whether it is right however late it is done, as a stop is. Anything else that changes something is not done once whoever
  /// asked has gone, or waits no longer.
  public let isDoneLate: Bool
  let body: @Sendable (Input, OperationContext) async throws -> Output

  public init(
    name: String, summary: String, effect: OperationEffect = .read, permission: String = "",
    examples: [String] = [], isDoneLate: Bool = false,
    run: @escaping @Sendable (Input, OperationContext) async throws -> Output
  ) {
    self.name = name
    self.summary = summary
    self.effect = effect
    self.permission = permission
    self.examples = examples
    self.isDoneLate = isDoneLate
    self.body = run
  }

  /// Runs it. What it throws other than an ``OperationError`` is a defect and comes out as `internal`,
  /// without the details, which are the log's business.
  public func run(_ input: Input, context: OperationContext) async throws(OperationError) -> Output {
    do {
      return try await body(input, context)
    } catch let error as OperationError {
      throw error
    } catch is CancellationError {
      throw .unavailable("\(name) was cancelled")
    } catch {
      throw .internal("\(name) failed")
    }
  }
}
