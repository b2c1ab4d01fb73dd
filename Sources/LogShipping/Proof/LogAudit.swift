import Foundation
import HTTPTransport
import TaskTiming

/// Compares a file with what the index has of it, line by line.
public struct LogAudit {
  /// A line, by where it begins and what its document is called.
  public struct Line: Sendable, Codable, Equatable {
    public var offset: UInt64
    public var id: String
  }

  /// What was found of a file.
  public struct Report: Sendable, Codable, Equatable {
    public var path: String
    /// Lines in which something stands, up to where the file is done with.
    public var lines: UInt64 = 0
    /// Those of them that the index has once.
    public var found: UInt64 = 0
    /// Those that are among the dead letters.
    public var dead: UInt64 = 0
    public var missing: UInt64 = 0
    public var doubled: UInt64 = 0
    /// The first of each, at most 100.
    public var firstMissing: [Line] = []
    public var firstDoubled: [Line] = []
    /// Bytes that are not done with yet.
    public var unsettledBytes: UInt64 = 0

    /// Whether every line is there once, or among the dead letters.
    public var isWhole: Bool { missing == 0 && doubled == 0 }
  }

  private static let linesPerQuestion = 2_000

  private let state: ShipperState
  private let dead: Set<String>
  private let client: BulkClient
  /// Where documents may be.
  private let searched: String
  private let reader: LineReader

  private init(_ options: ShipperOptions, _ state: ShipperState, _ client: BulkClient) throws {
    self.state = state
    self.client = client
    searched = options.target.searched
    reader = LineReader(
      longestLine: options.longestLine, multiline: options.multiline, container: options.container)
    let path = StateFolder(reading: options.directory).deadLetters
    dead = Set(try DeadLetterFile.read(path, length: state.deadBytes).map(\.id))
  }

  /// Looks into the checkpoint of a shipper, which may be running, and asks the server.
  ///
  /// - Parameters:
  ///   - options: those of the shipper.
  ///   - paths: of files that it follows; all where there are none.
  /// - Throws: ``ShipperError``; an error of the disk or the network.
  public static func run(options: ShipperOptions, paths: [String] = []) async throws -> [Report] {
    guard let state = try StateFolder(reading: options.directory).load() else {
      throw ShipperError.noState(directory: options.directory)
    }
    let client = BulkClient(target: options.target, userAgent: options.userAgent, clock: .system)
    defer { client.shutdown() }
    let audit = try LogAudit(options, state, client)
    // What was written a moment ago can be searched from here on.
    _ = try await audit.ask("/\(audit.searched)/_refresh?ignore_unavailable=true", "")
    var reports: [Report] = []
    for path in paths.isEmpty ? state.files.map(\.path) : paths {
      if let report = try await audit.report(on: path) { reports.append(report) }
    }
    return reports
  }

  /// Nil where a file that was not asked for is not there any more.
  private func report(on path: String) async throws -> Report? {
    let file: OpenedFile
    do {
      file = try OpenedFile(path)
    } catch {
      if error.code == ENOENT, state.files.contains(where: { $0.path == path }) { return nil }
      throw ShipperError.disk("\(error)")
    }
    guard
      let saved = state.files.first(where: { $0.identity == file.identity && $0.position.stands(in: file) })
    else {
      throw ShipperError.server("\(path) is no file that the shipper follows, as far as its checkpoint knows")
    }
    let life = FollowedFile(
      number: saved.number, key: LineID.key(shipper: state.shipper, number: saved.number), file: file,
      path: path, now: 0)
    life.phase = .followed
    life.size = saved.position.offset
    // What is before it was read, and is told of, as another file.
    if let covered = saved.covered { life.jump(to: covered) }
    // What is behind it is not done with, and where it is, a record ended.
    life.limit = life.size
    for end in saved.ends ?? [] { life.add(end: end) }
    life.add(end: life.size)
    var report = Report(path: path)
    report.unsettledBytes = (file.state?.size ?? life.size) - life.size
    while life.position < life.size {
      var batch = BatchBuilder(mostBytes: 64 << 20, mostItems: Self.linesPerQuestion)
      switch try reader.read(life, into: &batch, budget: .max, time: []) {
      case .more: break
      case .caughtUp:
        if life.position < life.size { try reader.finish(life, into: &batch, time: []) }
      case .replaced: throw ShipperError.disk("\(path) was truncated while it was read")
      }
      let lines = batch.take()
      if !lines.items.isEmpty { try await compare(lines, &report) }
      if lines.segments.isEmpty { break }
    }
    return report
  }

  private func compare(_ lines: BulkBatch, _ report: inout Report) async throws {
    let ids = lines.items.indices.map { lines.id($0) }
    let values = ids.map { "\"\($0)\"" }.joined(separator: ",")
    let answer = try await ask(
      "/\(searched)/_search?ignore_unavailable=true",
      "{\"size\":10000,\"track_total_hits\":true,\"_source\":false,\"query\":{\"ids\":{\"values\":[\(values)]}}}"
    )
    struct Answer: Decodable {
      struct Hits: Decodable { var hits: [Hit] }
      struct Hit: Decodable { var _id: String }
      var hits: Hits
    }
    guard let found = try? JSONDecoder().decode(Answer.self, from: Data(answer)) else {
      throw ShipperError.server("the answer to a search is none")
    }
    let counts = Dictionary(found.hits.hits.map { ($0._id, 1) }, uniquingKeysWith: +)
    for id in ids {
      report.lines += 1
      let line = Line(offset: UInt64(id.dropFirst(16).prefix(12), radix: 16) ?? 0, id: id)
      switch counts[id] ?? 0 {
      case 0 where dead.contains(id): report.dead += 1
      case 0:
        report.missing += 1
        if report.firstMissing.count < 100 { report.firstMissing.append(line) }
      case 1: report.found += 1
      default:
        report.doubled += 1
        if report.firstDoubled.count < 100 { report.firstDoubled.append(line) }
      }
    }
  }

  private func ask(_ path: String, _ body: String) async throws -> [UInt8] {
    let response = try await client.request("POST", path, Array(body.utf8), type: "application/json")
    guard (200..<300).contains(response.status) else {
      throw ShipperError.server(
        "POST \(path): HTTP status \(response.status): \(BulkClient.words(of: response))")
    }
    return response.body
  }
}
