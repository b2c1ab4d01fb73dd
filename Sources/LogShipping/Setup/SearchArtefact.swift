import Foundation

/// Something that a server is to have so that documents are found in it: a template, a policy, a pipeline.
public struct SearchArtefact: Sendable, Equatable {
  /// In the order in which they are put: what is named by others goes first.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case lifecyclePolicy = "lifecycle policy"
    case ingestPipeline = "ingest pipeline"
    case componentTemplate = "component template"
    case indexTemplate = "index template"
  }

  public let kind: Kind
  public let name: String
  private(set) var body: JSONTree

  /// - Parameter json: what the server is given; of a policy without `policy` around it. Its version is `version`, of a policy `_meta.version`.
  /// - Throws: ``ShipperError/disk(_:)`` where it is no JSON object.
  public init(kind: Kind, name: String, json: [UInt8]) throws {
    guard let body = try? JSONDecoder().decode(JSONTree.self, from: Data(json)), case .object = body else {
      throw ShipperError.disk("the \(kind.rawValue) \(name) is no JSON object")
    }
    self.kind = kind
    self.name = name
    self.body = body
  }

  var path: String {
    switch kind {
    case .lifecyclePolicy: "/_ilm/policy/\(name)"
    case .ingestPipeline: "/_ingest/pipeline/\(name)"
    case .componentTemplate: "/_component_template/\(name)"
    case .indexTemplate: "/_index_template/\(name)"
    }
  }

  /// What is put.
  var request: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return Array(try encoder.encode(kind == .lifecyclePolicy ? .object(["policy": body]) : body))
    }
  }

  /// What a server says that it has under this name, out of its answer; nil where it says nothing.
  func found(in answer: JSONTree) -> JSONTree? {
    func first(of list: String, _ member: String) -> JSONTree? {
      guard case .list(let entries)? = answer[list] else { return nil }
      return entries.first { $0["name"] == .text(name) }?[member]
    }
    return switch kind {
    case .lifecyclePolicy: answer[name]?["policy"]
    case .ingestPipeline: answer[name]
    case .componentTemplate: first(of: "component_templates", "component_template")
    case .indexTemplate: first(of: "index_templates", "index_template")
    }
  }

  static func version(of body: JSONTree) -> Int64? {
    guard let text = (body["version"] ?? body["_meta"]?["version"])?.scalar else { return nil }
    return Int64(text)
  }

  /// Where a server has something else than is wanted, a line each. What it has beyond that is no difference: servers write their
  /// defaults there, and people their own fields.
  func differences(from found: JSONTree) -> [String] {
    var lines: [String] = []
    Self.compare(Self.normal(body), Self.normal(found), "", &lines)
    return lines
  }

  /// Servers keep settings with `index.` before their names, as texts, in objects or with dots.
  private static func normal(_ body: JSONTree) -> JSONTree {
    let place = ["template", "settings"]
    guard let settings = body[place] else { return body }
    let flat = settings.flattened.map { name, value in
      (name.hasPrefix("index.") ? name : "index." + name, value)
    }
    return body.with(.object(Dictionary(flat) { $1 }), at: place)
  }

  private static func compare(_ wanted: JSONTree, _ found: JSONTree, _ path: String, _ lines: inout [String])
  {
    switch (wanted, found) {
    case (.object(let members), .object):
      for (name, value) in members.sorted(by: { $0.key < $1.key }) {
        let path = path.isEmpty ? name : "\(path).\(name)"
        guard let other = found[name] else {
          lines.append("\(path): missing on the server")
          continue
        }
        compare(value, other, path, &lines)
      }
    case (.list(let values), .list(let others)) where values.count == others.count:
      for (index, (value, other)) in zip(values, others).enumerated() {
        compare(value, other, "\(path)[\(index)]", &lines)
      }
    default:
      if wanted == found { return }
      if let text = wanted.scalar, text == found.scalar { return }
      lines.append("\(path): \(found.shown) on the server, \(wanted.shown) here")
    }
  }

  /// The same with other content.
  func with(_ value: JSONTree?, at path: [String]) -> SearchArtefact {
    var copy = self
    copy.body = body.with(value, at: path)
    return copy
  }
}
