import Foundation

/// A server by what it says of itself, and what it can.
public struct SearchServer: Sendable, Equatable, Codable {
  /// `Elasticsearch` or `OpenSearch`.
  public internal(set) var product: String
  public internal(set) var version: String
  /// Whether it is one of Elastic's that keeps data by each data stream's own lifecycle.
  public internal(set) var isServerless: Bool
  /// Whether it knows lifecycle policies, and ingest pipelines.
  public internal(set) var hasPolicies = true
  public internal(set) var hasPipelines = true

  init(_ answer: JSONTree) throws {
    guard let version = answer[["version", "number"]]?.scalar else {
      throw ShipperError.server("what answers there is neither Elasticsearch nor OpenSearch")
    }
    self.version = version
    product = answer[["version", "distribution"]]?.scalar == "opensearch" ? "OpenSearch" : "Elasticsearch"
    isServerless = answer[["version", "build_flavor"]]?.scalar == "serverless"
  }

  /// What it should have of these: without what it does not know.
  ///
  /// - Parameter retention: how long indices are kept that nothing is written to any more, such as `30d`; nil leaves what the policies say.
  func adapted(_ artefacts: [SearchArtefact], retention: String?) -> [SearchArtefact] {
    artefacts.compactMap { artefact in
      switch artefact.kind {
      case .lifecyclePolicy:
        guard hasPolicies else { return nil }
        return retention.map { artefact.with(.text($0), at: ["phases", "delete", "min_age"]) } ?? artefact
      case .ingestPipeline: return hasPipelines ? artefact : nil
      case .componentTemplate, .indexTemplate:
        var artefact = artefact
        if !hasPolicies { artefact = artefact.with(nil, at: ["template", "settings", "index", "lifecycle"]) }
        if !hasPipelines {
          artefact = artefact.with(nil, at: ["template", "settings", "index", "default_pipeline"])
        }
        if isServerless, !hasPolicies, artefact.kind == .indexTemplate {
          var template = artefact.body["template"] ?? .object([:])
          template["lifecycle"] = .object(["data_retention": .text(retention ?? Self.usualRetention)])
          artefact = artefact.with(template, at: ["template"])
        }
        return artefact
      }
    }
    .sorted { Self.order($0.kind) < Self.order($1.kind) }
  }

  private static let usualRetention = "30d"

  private static func order(_ kind: SearchArtefact.Kind) -> Int {
    SearchArtefact.Kind.allCases.firstIndex(of: kind) ?? 0
  }
}
