import CDBDomain
import CDBGate
import CDBPipeline
import Foundation

/// Keeps what was seen as an incident opened: the answer, the pipeline's status, and the last lines of the log, as one
/// JSON file below `evidence/` of the data directory. Its digest goes into the incident's row, and so into the chain over
/// all decisions.
struct EvidenceFolder: Sendable {
  static let name = "evidence"
  /// How much of the log's end is kept, bytes.
  static let logBytes: UInt64 = 64 << 10

  let dataDirectory: String
  /// For all files together; what would go beyond is not kept.
  let maximumBytes: Int
  /// Nil where the log is no file.
  let logFile: String?

  /// What was seen of an incident at a step.
  struct Sighting: Sendable {
    var step: IncidentEvent
    var diagnosis: Diagnosis
    var status: PipelineStatus
  }

  /// A disk that does not answer holds up this queue, and nobody else.
  private static let queue = DispatchQueue(label: "cdb.evidence")

  /// Why there is no file.
  enum Failure: Error, CustomStringConvertible {
    case full(bytes: Int)

    var description: String {
      switch self {
      case .full(let bytes): "the evidence folder holds \(bytes) bytes (incident.evidence_bytes)"
      }
    }
  }

  private struct Document: Encodable {
    var incident: IncidentEvent
    var diagnosis: Diagnosis
    var status: PipelineStatus
    var logTail: [String]

    enum CodingKeys: String, CodingKey {
      case incident, diagnosis, status
      case logTail = "log_tail"
    }
  }

  /// Writes the file of an incident that opens or becomes worse; on the disk when it returns. Nil where no files are kept.
  func keep(_ sighting: Sighting) async throws -> EvidenceFile? {
    try await withCheckedThrowingContinuation { continuation in
      Self.queue.async { continuation.resume(with: Result { try write(sighting) }) }
    }
  }

  private func write(_ sighting: Sighting) throws -> EvidenceFile? {
    let event = sighting.step
    guard maximumBytes > 0 else { return nil }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let bytes = try encoder.encode(
      Document(
        incident: event, diagnosis: sighting.diagnosis, status: sighting.status, logTail: logTail()))
    let folder = dataDirectory + "/" + Self.name
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let held = size(of: folder)
    guard held + bytes.count <= maximumBytes else { throw Failure.full(bytes: held) }
    let name = "incident-\(event.incident)-\(event.step.rawValue)-\(event.at.nanoseconds).json"
    let draft = URL(filePath: folder + "/." + name)
    try bytes.write(to: draft)
    let handle = try FileHandle(forWritingTo: draft)
    try handle.synchronize()
    try handle.close()
    let path = folder + "/" + name
    if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
    try FileManager.default.moveItem(atPath: draft.path, toPath: path)
    return EvidenceFile(path: Self.name + "/" + name, sha256: AuditChain.digest(bytes))
  }

  private func size(of folder: String) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.reduce(0) { sum, name in
      let attributes = try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)
      return sum + ((attributes?[.size] as? NSNumber)?.intValue ?? 0)
    }
  }

  /// The last whole lines of the log.
  private func logTail() -> [String] {
    // A path that is no regular file any more could make the reader wait.
    guard let logFile,
      let type = try? FileManager.default.attributesOfItem(atPath: logFile)[.type] as? FileAttributeType,
      type == .typeRegular, let handle = FileHandle(forReadingAtPath: logFile)
    else { return [] }
    defer { try? handle.close() }
    guard let end = try? handle.seekToEnd() else { return [] }
    let start = end > Self.logBytes ? end - Self.logBytes : 0
    guard (try? handle.seek(toOffset: start)) != nil, let tail = try? handle.readToEnd() else { return [] }
    let lines = tail.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    return start > 0 ? Array(lines.dropFirst()) : lines
  }
}
