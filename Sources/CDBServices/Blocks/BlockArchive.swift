import CDBDomain
import CDBGate
import CDBPipeline
import Foundation
import ServiceRuntime

/// Where the reports of blocks are kept: `blocks/0001/` in the data directory.
struct BlockArchive: Sendable {
  let dataDirectory: String

  func directory(of block: Int) -> String {
    let digits = String(block)
    return "\(dataDirectory)/blocks/" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Writes every file whole; the seal says what is in them.
  func write(_ report: BlockReport) throws -> BlockSeal {
    let directory = directory(of: report.block.number)
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    var digests: [String: String] = [:]
    for (name, text) in report.files.sorted(by: { $0.key < $1.key }) {
      let bytes = Array(text.utf8)
      try AtomicFile.write(bytes, to: "\(directory)/\(name)")
      digests[name] = AuditChain.digest(bytes)
    }
    return BlockSeal(judgement: report.judgement, files: digests)
  }
}

/// A decision log on the disk.
public enum DecisionLogFile {
  /// The longest log that is read, bytes.
  static let longest = 16 << 20

  struct Unusable: Error, CustomStringConvertible, ExitCodeProviding {
    var path: String
    var reason: String
    var exitCode: Int32 { ExitCode.usage }
    var description: String { "\(path): \(reason)" }
  }

  /// Appends the entry, whole or not at all, unless the log has it already.
  ///
  /// - Parameter path: of an existing file; a log is not begun by accident.
  /// - Returns: whether it was appended.
  public static func append(_ entry: DecisionLogEntry, to path: String) throws -> Bool {
    // A link is followed, so that it stays one.
    let path = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let attributes, attributes[.type] as? FileAttributeType == .typeRegular else {
      throw Unusable(path: path, reason: "no file; name the decision log that there is")
    }
    guard let size = attributes[.size] as? Int, size <= longest,
      let bytes = FileManager.default.contents(atPath: path)
    else { throw Unusable(path: path, reason: "it cannot be read, or is longer than \(longest) bytes") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Unusable(path: path, reason: "it is not UTF-8")
    }
    guard let new = entry.appended(to: text) else { return false }
    try AtomicFile.write(Array(new.utf8), to: path)
    return true
  }
}
