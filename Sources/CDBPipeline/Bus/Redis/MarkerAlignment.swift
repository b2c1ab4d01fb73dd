/// Brings what comes from several streams into the groups that a stage expects: a marker comes in all partitions at once,
/// alone in its group. What stands behind a marker waits until the others have come to it. A value without I/O.
struct MarkerAlignment: Sendable {
  private var held: [UInt16: [Batch]] = [:]
  private let partitions: [UInt16]
  private let maximumHeld: Int
  /// Barriers that some partition never brought, and that so could not be aligned.
  private(set) var unaligned = 0

  /// - Parameter maximumHeld: the batches of one partition from which on no more of it are wanted.
  init(partitions: [UInt16], maximumHeld: Int) {
    self.partitions = partitions.sorted()
    self.maximumHeld = max(1, maximumHeld)
    for partition in partitions { held[partition] = [] }
  }

  mutating func insert(_ batch: Batch) { held[batch.partition]?.append(batch) }

  func wantsMore(of partition: UInt16) -> Bool { (held[partition]?.count ?? maximumHeld) < maximumHeld }

  /// The next group; nil until more has come.
  mutating func take() -> [Batch]? {
    while true {
      var group: [Batch] = []
      for partition in partitions {
        guard var batches = held[partition] else { continue }
        let count = batches.firstIndex { $0.marker != nil } ?? batches.count
        group += batches[..<count]
        batches.removeFirst(count)
        held[partition] = batches
      }
      if !group.isEmpty { return group }
      let heads = partitions.compactMap { held[$0]?.first?.marker?.rank }
      guard heads.count == partitions.count, let lowest = heads.min(), let highest = heads.max() else {
        return nil
      }
      if lowest == highest {
        return partitions.compactMap { held[$0]?.removeFirst() }
      }
      // The others are beyond it: it stays a batch like any other.
      for partition in partitions where held[partition]?.first?.marker?.rank == lowest {
        held[partition]?[0].marker = nil
        unaligned += 1
      }
    }
  }
}

extension Marker {
  /// Barriers in their order, and the end behind all.
  fileprivate var rank: UInt64 {
    switch self {
    case .barrier(let number): number
    case .end: .max
    }
  }
}
