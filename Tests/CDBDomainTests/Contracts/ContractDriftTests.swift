import Foundation
import Testing

@testable import CDBDomain

extension EventKind {
  /// The schema's file in `docs/contracts/`, without its ending: `market_data` for `cdb.market_data.v1`.
  var schemaName: String { String(cloudEventType.split(separator: ".")[1]) }
}

@Suite("Schemas and code")
struct ContractDriftTests {
  /// The codes that the code knows, by the field that holds one of them.
  static let codes: [String: [String]] = [
    "reason": ReasonCode.allCases.map(\.code), "side": Side.allCases.map(\.code),
    "layer": RiskLayerName.allCases.map(\.rawValue), "status": OrderStatus.allCases.map(\.code),
    "liquidity": every(Liquidity.self).map(\.code), "level": every(Alert.Level.self).map(\.code),
    "code": ReasonCode.allCases.map(\.code), "cdb.side": Side.allCases.map(\.code),
    "verdict": Verdict.allCases.map(\.rawValue), "check": GateCheck.allCases.map(\.rawValue),
    "outcome": GateOutcome.allCases.map(\.rawValue),
    "state": GateState.allCases.map(\.rawValue), "gate_state": GateState.allCases.map(\.rawValue),
    "judgement": BlockJudgement.allCases.map(\.rawValue), "stage": StageName.allCases.map(\.rawValue),
    "cdb.stage": StageName.allCases.map(\.rawValue),
    "source": StageName.allCases.map { "/cdb/\($0.rawValue)" },
  ]

  static func every<Code: RawRepresentable<UInt8>>(_: Code.Type) -> [Code] {
    (UInt8.min...UInt8.max).compactMap(Code.init(rawValue:))
  }

  @Test("where a schema lists codes, it lists all that the code knows, and no others")
  func enumerations() throws {
    var met: Set<String> = []
    for name in Set(EventKind.allCases.map(\.schemaName)).union(["log"]) {
      let schema = try SchemaValidator.schema(name)
      let definitions = schema["$defs"] as? [String: Any] ?? [:]
      for (field, listed) in Self.enumerations(in: schema, definitions) {
        guard var known = Self.codes[field] else { continue }
        // A layer of risk in decisions, one of the diagnosis in answers.
        if field == "layer", name == "control" { known = Layer.allCases.map(\.rawValue) }
        #expect(listed == known, "\(field) in \(name)")
        met.insert(field)
      }
    }
    #expect(met == Set(Self.codes.keys))
    let order = try #require(try SchemaValidator.schema("order")["properties"] as? [String: [String: Any]])
    let type = (order["data"]?["properties"] as? [String: [String: Any]])?["type"]
    #expect(type?["enum"] as? [String] == Self.every(OrderType.self).map(\.code))
  }

  /// Every property with an enumeration at any depth, its references followed.
  static func enumerations(in node: Any, _ definitions: [String: Any]) -> [(String, [String])] {
    if let elements = node as? [Any] { return elements.flatMap { enumerations(in: $0, definitions) } }
    guard let object = node as? [String: Any] else { return [] }
    let properties = object["properties"] as? [String: Any] ?? [:]
    let listed: [(String, [String])] = properties.compactMap { name, value in
      // A condition restates some of a field's values; the field's own list stands under its `type`.
      guard object["type"] as? String == "object", let value = value as? [String: Any] else { return nil }
      let target = (value["$ref"] as? String).flatMap { definitions[String($0.dropFirst("#/$defs/".count))] }
      let codes = (target as? [String: Any] ?? value)["enum"] as? [String]
      return codes.map { (name, $0) }
    }
    return listed + object.values.flatMap { enumerations(in: $0, definitions) }
  }

  @Test("a schema names its type and its dialect", arguments: EventKind.allCases)
  func identity(kind: EventKind) throws {
    let schema = try SchemaValidator.schema(kind.schemaName)
    let properties = try #require(schema["properties"] as? [String: [String: Any]])
    #expect(properties["type"]?["const"] as? String == kind.cloudEventType)
    #expect(schema["title"] as? String == kind.cloudEventType)
    #expect(schema["$id"] as? String == "urn:cdb:contract:\(kind.schemaName):v1")
    #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
  }

  @Test("an object whose fields are named is closed: what nobody knows does not pass")
  func closed() throws {
    for name in Set(EventKind.allCases.map(\.schemaName)).union(["log"]) {
      #expect(Self.openObjects(in: try SchemaValidator.schema(name)).isEmpty, "\(name)")
    }
  }

  static func openObjects(in node: Any) -> [[String]] {
    if let elements = node as? [Any] { return elements.flatMap(openObjects) }
    guard let object = node as? [String: Any] else { return [] }
    let isOpen =
      object["type"] as? String == "object" && object["properties"] != nil
      && object["additionalProperties"] as? Bool != false
    return (isOpen ? [object.keys.sorted()] : []) + object.values.flatMap(openObjects)
  }

  @Test("there is a schema for every type and for the logs, and for nothing else")
  func files() throws {
    let names = Set(EventKind.allCases.map(\.schemaName)).union(["log"])
    let files = try FileManager.default.contentsOfDirectory(
      atPath: SchemaValidator.directory.path(percentEncoded: false))
    #expect(Set(files.filter { $0.hasSuffix(".json") }) == Set(names.map { "\($0).schema.json" }))
  }
}
