import Foundation
import Glibc
import Logging
import TaskTiming

/// Sends dead letters again, when what they were refused for is mended.
public enum DeadLetterReplay {
  /// What became of them.
  public struct Report: Sendable, Codable, Equatable {
    /// The server has them now.
    public var delivered: Int
    /// It refused them again; they are dead letters still.
    public var refused: Int
    /// It did not say in time; they are dead letters still.
    public var unanswered: Int
  }

  private static let lettersPerBatch = 1_000

  /// Takes the folder for itself, so no shipper may have it meanwhile.
  ///
  /// - Parameters:
  ///   - options: those of the shipper; each letter goes to the index that it was sent to.
  ///   - patience: how long a batch is tried.
  /// - Throws: ``ShipperError``; an error of the disk. Nothing is lost then.
  public static func run(
    options: ShipperOptions, patience: Duration = .seconds(60),
    logger: Logger = Logger(label: "LogShipping") { _ in SwiftLogNoOpLogHandler() }
  ) async throws -> Report {
    guard try StateFolder(reading: options.directory).load() != nil else {
      throw ShipperError.noState(directory: options.directory)
    }
    let folder = try StateFolder(path: options.directory)
    guard var state = try folder.load() else { throw ShipperError.noState(directory: options.directory) }
    let letters = try DeadLetterFile.read(folder.deadLetters, length: state.deadBytes)
    var report = Report(delivered: 0, refused: 0, unanswered: 0)
    var kept: [DeadLetter] = []
    for (index, letters) in Dictionary(grouping: letters, by: \.index).sorted(by: { $0.key < $1.key }) {
      var target = options.target
      target.index = index
      let client = BulkClient(target: target, userAgent: options.userAgent, clock: .system)
      defer { client.shutdown() }
      let sender = BulkSender(
        client: client, status: ShipperStatus(logger: logger), pauses: BulkDelivery.Pauses(), clock: .system)
      for start in stride(from: 0, to: letters.count, by: lettersPerBatch) {
        let part = Array(letters[start..<min(start + lettersPerBatch, letters.count)])
        let result = await deliver(batch(of: part), by: sender, within: patience)
        for (index, letter) in part.enumerated() {
          switch result?.fates[index] {
          case .accepted, .repeated, .failureStore: report.delivered += 1
          case .dead(let status, let type, let reason):
            report.refused += 1
            var letter = letter
            (letter.status, letter.type, letter.reason) = (status, type, reason)
            kept.append(letter)
          case .waiting, nil:
            report.unanswered += 1
            kept.append(letter)
          }
        }
      }
    }
    let temporary = folder.deadLetters + ".new"
    unlink(temporary)
    let file = try DeadLetterFile(path: temporary, length: 0)
    try file.append(kept)
    // Neither the old file nor the new one may be cut, whichever is there after a crash.
    state.deadBytes = max(state.deadBytes, file.length)
    try folder.store(state)
    guard rename(temporary, folder.deadLetters) == 0 else {
      throw DiskFailure(operation: "rename", path: folder.deadLetters, code: errno)
    }
    try synchronizeFolder(of: folder.deadLetters)
    state.deadBytes = file.length
    state.replayed += UInt64(report.delivered)
    try folder.store(state)
    return report
  }

  private static func deliver(
    _ batch: BulkBatch, by sender: BulkSender, within patience: Duration
  ) async -> BulkSender.Result? {
    await withTaskGroup(of: BulkSender.Result?.self) { group in
      group.addTask { await sender.deliver(batch) }
      group.addTask {
        try? await Task.sleep(for: patience)
        return nil
      }
      let first = await group.next()
      group.cancelAll()
      return first ?? nil
    }
  }

  private static func batch(of letters: [DeadLetter]) -> BulkBatch {
    var batch = BulkBatch(number: 1, body: [], items: [], segments: [], time: 0)
    for letter in letters {
      let start = batch.body.count
      batch.body += Array("{\"create\":{\"_id\":".utf8) + JSONText.quoted(letter.id) + Array("}}\n".utf8)
      let document = batch.body.count
      // A line break that somebody put there would tear the request.
      batch.body += letter.document.utf8.map { $0 == 10 ? 32 : $0 }
      batch.body.append(10)
      batch.items.append(
        BulkBatch.Item(start: start, document: document, end: batch.body.count, segment: 0))
    }
    return batch
  }
}
