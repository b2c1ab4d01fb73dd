import Foundation
import HTTPTransport
import TaskTiming

/// Gives a server what it needs, and looks whether it has it.
public struct SearchSetup: Sendable {
  /// What a server has of an artefact.
  public enum Finding: String, Sendable, Codable {
    case same
    case missing
    case differs
    /// A later version; it is left as it is.
    case newer
  }

  /// What was found of an artefact, and what was done.
  public struct Step: Sendable, Codable, Equatable {
    public var kind: SearchArtefact.Kind
    public var name: String
    public var finding: Finding
    /// Where it differs, a line each.
    public var differences: [String]
    /// Whether it was put.
    public var isPut: Bool
  }

  public struct Report: Sendable, Codable, Equatable {
    public var server: SearchServer
    public var steps: [Step]

    /// Whether the server has everything now.
    public var isWhole: Bool { steps.allSatisfy { $0.finding == .same || $0.isPut } }
  }

  /// What a person has to know of what the index has.
  public struct Freshness: Sendable, Codable, Equatable {
    public var documents: Int
    /// Of the newest document: milliseconds since the epoch, and where it is.
    public var newest: Int64?
    public var index: String?
  }

  private let artefacts: [SearchArtefact]
  private let retention: String?
  private let client: BulkClient

  /// - Parameter retention: see ``SearchServer``; a time as the server writes it, such as `30d`.
  public init(_ artefacts: [SearchArtefact], target: BulkTarget, retention: String? = nil, userAgent: String)
  {
    self.artefacts = artefacts
    self.retention = retention
    client = BulkClient(target: target, userAgent: userAgent, clock: .system)
  }

  public func shutdown() { client.shutdown() }

  /// Looks what the server has, and puts what is missing or differs.
  ///
  /// - Parameters:
  ///   - isDryRun: only looks.
  ///   - isForced: puts an older version, too.
  /// - Throws: ``ShipperError/server(_:)``; an error of the network. What was put before that stays.
  public func run(isDryRun: Bool, isForced: Bool = false) async throws -> Report {
    var server = try SearchServer(try await answer("GET", "/").tree)
    var found: [String: JSONTree] = [:]
    for artefact in artefacts {
      let answer = try await answer("GET", artefact.path)
      if answer.isUnknown {
        switch artefact.kind {
        case .lifecyclePolicy: server.hasPolicies = false
        case .ingestPipeline: server.hasPipelines = false
        case .componentTemplate, .indexTemplate:
          throw ShipperError.server("the server knows no \(artefact.kind.rawValue)s: \(answer.words)")
        }
      } else if answer.status != 404 {
        guard (200..<300).contains(answer.status) else { throw answer.refusal }
        found[artefact.path] = artefact.found(in: answer.tree)
      }
    }
    var report = Report(server: server, steps: [])
    for artefact in server.adapted(artefacts, retention: retention) {
      var step = Self.step(artefact, found[artefact.path])
      let isDue = step.finding == .missing || step.finding == .differs || step.finding == .newer && isForced
      if isDue, !isDryRun {
        let body = try artefact.request
        let answer = try await answer("PUT", artefact.path, body)
        guard (200..<300).contains(answer.status) else { throw answer.refusal }
        step.isPut = true
      }
      report.steps.append(step)
    }
    return report
  }

  private static func step(_ artefact: SearchArtefact, _ found: JSONTree?) -> Step {
    guard let found else {
      return Step(kind: artefact.kind, name: artefact.name, finding: .missing, differences: [], isPut: false)
    }
    let differences = artefact.differences(from: found)
    var finding = differences.isEmpty ? Finding.same : .differs
    if let own = SearchArtefact.version(of: artefact.body), let other = SearchArtefact.version(of: found),
      other > own
    {
      finding = .newer
    }
    return Step(
      kind: artefact.kind, name: artefact.name, finding: finding, differences: differences, isPut: false)
  }

  /// How new the newest document is.
  ///
  /// - Parameter pattern: of data streams or indices, with commas between several.
  public func freshness(of pattern: String) async throws -> Freshness {
    let answer = try await answer(
      "POST", "/\(pattern)/_search?ignore_unavailable=true&allow_no_indices=true",
      Array(
        """
        {"size":1,"track_total_hits":true,"_source":false,"sort":[{"@timestamp":{"order":"desc","unmapped_type":"date"}}]}
        """.utf8))
    if answer.status == 404 { return Freshness(documents: 0) }
    guard (200..<300).contains(answer.status), let hits = answer.tree["hits"],
      case .integer(let count)? = hits[["total", "value"]]
    else { throw answer.refusal }
    guard case .list(let list)? = hits["hits"], let first = list.first else {
      return Freshness(documents: Int(clamping: count))
    }
    var newest: Int64?
    if case .list(let keys)? = first["sort"], let key = keys.first?.scalar {
      newest = Int64(key) ?? Double(key).flatMap { Int64(exactly: $0.rounded()) }
    }
    return Freshness(documents: Int(clamping: count), newest: newest, index: first["_index"]?.scalar)
  }

  private struct Answer {
    var request: String
    var response: HTTPResponse

    var status: Int { response.status }
    var words: String { BulkClient.words(of: response) }
    var tree: JSONTree { (try? JSONDecoder().decode(JSONTree.self, from: Data(response.body))) ?? .null }
    /// Whether the server does not know such a thing at all.
    var isUnknown: Bool {
      [405, 410].contains(status) || status == 400 && words.contains("no handler found")
    }
    var refusal: ShipperError { .server("\(request): HTTP status \(status): \(words)") }
  }

  /// - Throws: where nobody answers, or not to us.
  private func answer(_ method: String, _ path: String, _ body: [UInt8] = []) async throws -> Answer {
    let answer = Answer(
      request: "\(method) \(path)",
      response: try await client.request(method, path, body, type: "application/json"))
    if [401, 403].contains(answer.status) || answer.status >= 500 { throw answer.refusal }
    return answer
  }
}
