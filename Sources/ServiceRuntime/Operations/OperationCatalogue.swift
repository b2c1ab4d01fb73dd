/// All operations of a service, by unique name.
public struct OperationCatalogue: Sendable {
  /// In the order of registration.
  public let operations: [AnyOperation]
  private let byName: [String: AnyOperation]

  public enum Failure: Error, Equatable, CustomStringConvertible {
    case duplicateName(String)
    /// Not lower case, digits, `-` and `_` grouped by dots, or the name `operations`, which lists the others.
    case invalidName(String)

    public var description: String {
      switch self {
      case .duplicateName(let name): "the operation \(name) is declared twice"
      case .invalidName(let name): "\(name) cannot be the name of an operation"
      }
    }
  }

  /// No operations.
  public static let empty = OperationCatalogue()

  private init() {
    operations = []
    byName = [:]
  }

  public init(_ operations: [AnyOperation]) throws(Failure) {
    var byName: [String: AnyOperation] = [:]
    for operation in operations {
      guard Self.isValid(operation.name) else { throw .invalidName(operation.name) }
      guard byName.updateValue(operation, forKey: operation.name) == nil else {
        throw .duplicateName(operation.name)
      }
    }
    self.operations = operations
    self.byName = byName
  }

  /// The operation of that name, if there is one.
  public subscript(name: String) -> AnyOperation? { byName[name] }

  /// What `GET /api/v1/operations` answers.
  public var listing: OperationListing {
    OperationListing(
      operations: operations.map {
        OperationListing.Item(
          name: $0.name, summary: $0.summary, effect: $0.effect, permission: $0.permission,
          parameters: $0.parameters.list, examples: $0.examples)
      })
  }

  private static func isValid(_ name: String) -> Bool {
    guard let first = name.utf8.first, (97...122).contains(first), name.utf8.count <= 64,
      name != "operations"
    else { return false }
    return name.utf8.allSatisfy {
      (97...122).contains($0) || (48...57).contains($0) || "-_.".utf8.contains($0)
    }
  }
}

/// The catalogue as a value that can be sent.
public struct OperationListing: Codable, Equatable, Sendable {
  public struct Item: Codable, Equatable, Sendable {
    public let name: String
    public let summary: String
    public let effect: OperationEffect
    public let permission: String
    public let parameters: [OperationParameters.Parameter]
    public let examples: [String]
  }

  public let operations: [Item]
}
