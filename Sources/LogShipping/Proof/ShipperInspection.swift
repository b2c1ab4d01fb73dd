/// What is in a shipper's folder, for who looks from outside: also while a shipper has it. Changes nothing.
public struct ShipperInspection: Sendable, Codable, Equatable {
  /// As of the newest checkpoint.
  public let files: [FileStatistics]
  /// Of all files, those that are gone included.
  public let ledger: FileLedger
  public let lost: LostText
  /// Dead letters that were sent again and taken.
  public let replayed: UInt64
  /// Oldest first; at most the newest 100.
  public let deadLetters: [DeadLetter]

  /// - Throws: ``ShipperError`` where there is no checkpoint that can be used; an error of the disk.
  public init(directory: String) throws {
    let folder = StateFolder(reading: directory)
    guard let state = try folder.load() else { throw ShipperError.noState(directory: directory) }
    files = state.files.map { file in
      let digits = String(LineID.key(shipper: state.shipper, number: file.number), radix: 16)
      return FileStatistics(
        path: file.path, key: String(repeating: "0", count: 16 - digits.count) + digits, size: file.size,
        position: file.position.offset, settled: file.position.offset, ledger: file.ledger, pending: 0)
    }
    ledger = state.files.reduce(into: state.closed) { $0 += $1.ledger }
    lost = state.lost
    replayed = state.replayed
    deadLetters = Array(try DeadLetterFile.read(folder.deadLetters, length: state.deadBytes).suffix(100))
  }
}
