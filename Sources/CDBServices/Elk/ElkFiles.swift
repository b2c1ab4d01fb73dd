import CElk
import LogShipping

/// The files of the folder elk, as they were when this was built.
public enum ElkFiles {
  /// Their texts by their paths below the folder.
  static let all: [(path: String, text: String)] = (0..<cdb_elk_file_count()).map { place in
    let file = cdb_elk_file(place)
    return (String(cString: file.path), String(cString: file.text))
  }

  /// Data view and searches for Kibana's import, a JSON object a line.
  public static var savedObjects: String { all.first { $0.path == "kibana/cdb.ndjson" }?.text ?? "" }

  /// What a server is given.
  public static func artefacts() throws -> [SearchArtefact] {
    try all.compactMap { path, text in
      let parts = path.split(separator: "/")
      guard parts.count == 2, let kind = folders[String(parts[0])], parts[1].hasSuffix(".json") else {
        return nil
      }
      return try SearchArtefact(
        kind: kind, name: String(parts[1].dropLast(".json".count)), json: Array(text.utf8))
    }
  }

  private static let folders: [String: SearchArtefact.Kind] = [
    "lifecycle-policies": .lifecyclePolicy, "ingest-pipelines": .ingestPipeline,
    "component-templates": .componentTemplate, "index-templates": .indexTemplate,
  ]
}
