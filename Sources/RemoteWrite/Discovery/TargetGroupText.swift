import Foundation
import OpenMetrics
import Yams

/// Reads lists of target groups, as files and URLs of service discovery hold them.
enum TargetGroupText {
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  /// Of one list; far above what one honest list holds.
  static let mostTargets = 100_000

  /// Reads `[{"targets": ["host:port"], "labels": {"name": "value"}}]`.
  static func json(_ bytes: [UInt8]) throws(Fault) -> [TargetGroup] {
    let groups: [Group]
    do {
      groups = try JSONDecoder().decode([Group].self, from: Data(bytes))
    } catch let error as DecodingError {
      throw Fault(description: words(of: error))
    } catch {
      throw Fault(description: "\(error)")
    }
    return try checked(
      groups.map { group in
        TargetGroup(addresses: group.targets, labels: group.labels.map { Label($0.key, $0.value) })
      })
  }

  /// Reads the same in YAML.
  static func yaml(_ bytes: [UInt8]) throws(Fault) -> [TargetGroup] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(description: "it is not UTF-8")
    }
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      throw Fault(description: "\(error)")
    }
    guard let node else { return [] }
    guard case .sequence(let sequence) = node else {
      throw Fault(description: "it is no list of target groups")
    }
    var groups: [TargetGroup] = []
    var targets = 0
    do throws(ConfigurationFault) {
      for (index, node) in sequence.enumerated() {
        var section = try ConfigurationSection(node, path: "[\(index)]")
        let group = TargetGroup(
          addresses: try section.texts("targets") ?? [],
          labels: (try section.pairs("labels") ?? []).map { Label($0.0, $0.1) })
        var notices: [ConfigurationNotice] = []
        try section.finish(&notices)
        groups.append(group)
        // Aliases make much of little.
        targets += group.addresses.count + 1
        if targets > mostTargets { break }
      }
    } catch {
      throw Fault(description: "\(error)")
    }
    return try checked(groups)
  }

  private static func checked(_ groups: [TargetGroup]) throws(Fault) -> [TargetGroup] {
    let targets = groups.reduce(0) { $0 + $1.addresses.count + 1 }
    guard targets <= mostTargets else {
      throw Fault(description: "more than \(mostTargets) targets and groups")
    }
    for (index, group) in groups.enumerated() {
      guard !group.addresses.contains("") else {
        throw Fault(description: "[\(index)].targets: one is empty")
      }
      for label in group.labels where !LabelName.isLegacy(label.name) {
        throw Fault(description: "[\(index)].labels: \"\(label.name)\" is no label's name")
      }
    }
    return groups
  }

  private struct Group: Decodable {
    struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    var targets: [String]
    var labels: [String: String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      for key in container.allKeys where key.stringValue != "targets" && key.stringValue != "labels" {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container, debugDescription: "there is no such key")
      }
      targets = try container.decode([String].self, forKey: Key(stringValue: "targets"))
      labels =
        try container.decodeIfPresent([String: String].self, forKey: Key(stringValue: "labels")) ?? [:]
    }
  }

  private static func words(of error: DecodingError) -> String {
    let context: DecodingError.Context
    var extra = ""
    switch error {
    case .dataCorrupted(let found): context = found
    case .keyNotFound(let key, let found): (context, extra) = (found, " (\(key.stringValue))")
    case .typeMismatch(_, let found), .valueNotFound(_, let found): context = found
    @unknown default: return "\(error)"
    }
    let path = context.codingPath.map { key in
      key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)"
    }.joined()
    return (path.isEmpty ? "" : path + ": ") + context.debugDescription + extra
  }
}
