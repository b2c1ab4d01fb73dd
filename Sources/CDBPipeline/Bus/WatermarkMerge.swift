import CDBDomain

/// Makes one log out of several partitions: ascending by (time, partition, number), released only when no
/// partition can still deliver something earlier.
///
/// The order depends on the events alone, never on when their batches arrived. Barriers are aligned: one
/// is released when it stands at the head of every partition.
public struct WatermarkMerge: Sendable {
  /// What comes next.
  public enum Head: Sendable, Equatable {
    /// The event at the head of that partition.
    case event(time: EventTime, partition: UInt16)
    /// The same barrier at the head of every partition; all events up to `watermark` came before it.
    case barrier(UInt64, watermark: EventTime)
    case end(watermark: EventTime)
    /// Nothing until more arrives; all events up to `watermark` were released.
    case none(watermark: EventTime)
  }

  private struct Partition: Sendable {
    var batches: [Batch] = []
    /// The next batch and the next event in it.
    var batch = 0
    var event = 0
    var watermark: EventTime
    var processed: UInt64
    /// The time of the next event; `distantFuture` at a marker, nil when more must arrive first.
    var headTime: Int64?
  }

  private var partitions: [Partition]
  /// Events that arrived and were not released.
  public private(set) var waiting = 0

  /// - Parameter positions: per partition, the number of the last event already processed.
  public init(positions: [UInt64], watermark: EventTime = .distantPast) {
    partitions = positions.map { Partition(watermark: watermark, processed: $0, headTime: nil) }
  }

  /// Per partition, the number of the last event released.
  public var processed: [UInt64] { partitions.map(\.processed) }

  /// Adds a batch whose first `skipping` events were processed before. Batches of unknown partitions are
  /// the caller's mistake and are refused.
  public mutating func insert(_ batch: Batch, skipping: Int) -> Bool {
    let index = Int(batch.partition)
    guard index < partitions.count else { return false }
    var batch = batch
    if skipping > 0 {
      batch.envelopes.removeFirst(skipping)
      batch.firstSequence += UInt64(skipping)
    }
    waiting += batch.envelopes.count
    partitions[index].batches.append(batch)
    settle(index)
    return true
  }

  /// Moves a partition over what is used up and finds its next head.
  private mutating func settle(_ index: Int) {
    partitions[index].headTime = nil
    while partitions[index].batch < partitions[index].batches.count {
      let position = partitions[index].batch
      if partitions[index].event < partitions[index].batches[position].envelopes.count {
        partitions[index].headTime =
          partitions[index].batches[position].envelopes[partitions[index].event].time.nanoseconds
        return
      }
      partitions[index].watermark = max(
        partitions[index].watermark, partitions[index].batches[position].watermark)
      if partitions[index].batches[position].marker != nil {
        partitions[index].headTime = .max
        return
      }
      partitions[index].batch += 1
      partitions[index].event = 0
    }
    partitions[index].batches.removeAll(keepingCapacity: true)
    partitions[index].batch = 0
  }

  /// What comes next, without taking it.
  public func head() -> Head {
    var smallest = Int64.max
    var chosen = -1
    var floor = Int64.max
    var atMarker = 0
    for index in partitions.indices {
      if let time = partitions[index].headTime {
        if time == .max {
          atMarker += 1
          floor = min(floor, partitions[index].watermark.nanoseconds)
        } else if time < smallest {
          smallest = time
          chosen = index
        }
      } else {
        floor = min(floor, partitions[index].watermark.nanoseconds)
      }
    }
    if atMarker == partitions.count, let marker = markerAtHead(0) {
      let watermark = EventTime(nanoseconds: floor)
      switch marker {
      case .barrier(let number): return .barrier(number, watermark: watermark)
      case .end: return .end(watermark: watermark)
      }
    }
    // A partition at a marker delivers nothing before the marker is released, so it holds nobody up.
    let bound = openFloor
    if chosen >= 0, smallest <= bound {
      return .event(time: EventTime(nanoseconds: smallest), partition: UInt16(chosen))
    }
    return .none(watermark: EventTime(nanoseconds: min(floor, chosen >= 0 ? smallest - 1 : .max)))
  }

  /// The smallest watermark of the partitions that wait for more.
  private var openFloor: Int64 {
    var floor = Int64.max
    for partition in partitions where partition.headTime == nil {
      floor = min(floor, partition.watermark.nanoseconds)
    }
    return floor
  }

  private func markerAtHead(_ index: Int) -> Marker? {
    partitions[index].batches[partitions[index].batch].marker
  }

  /// Takes the event that ``head()`` showed at a partition.
  public mutating func take(_ partition: UInt16) -> Envelope {
    let index = Int(partition)
    let envelope = partitions[index].batches[partitions[index].batch].envelopes[partitions[index].event]
    partitions[index].event += 1
    partitions[index].processed += 1
    waiting -= 1
    settle(index)
    return envelope
  }

  /// Releases the marker that ``head()`` showed.
  public mutating func takeMarker() {
    for index in partitions.indices where partitions[index].headTime == .max {
      partitions[index].batch += 1
      partitions[index].event = 0
      settle(index)
    }
  }
}
