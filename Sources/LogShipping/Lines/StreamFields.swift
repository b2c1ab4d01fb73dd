/// Where a line says which data stream it belongs to (ECS `data_stream.*`, `event.dataset`), with dots in the keys or in objects.
struct StreamFields: Equatable {
  /// A field of a line.
  enum Value: Equatable {
    case absent
    /// A string; what stands between its quotes.
    case text(Range<Int>)
    /// Something that names nothing: a number, a list …
    case other
  }

  /// Which of the fields a key is.
  enum Name: UInt8 {
    case none, type, dataset, namespace, eventDataset
    /// The objects that may hold them.
    case dataStream, event
  }

  var type = Value.absent
  var dataset = Value.absent
  var namespace = Value.absent
  var eventDataset = Value.absent

  mutating func set(_ name: Name, _ value: Value) {
    switch name {
    case .type: type = value
    case .dataset: dataset = value
    case .namespace: namespace = value
    case .eventDataset: eventDataset = value
    case .none, .dataStream, .event: break
    }
  }

  /// A key at the top of a line.
  static func named(_ key: UnsafeRawBufferPointer) -> Name {
    switch key.count {
    case 5: Self.is(key, "event") ? .event : .none
    case 11: Self.is(key, "data_stream") ? .dataStream : .none
    case 13: Self.is(key, "event.dataset") ? .eventDataset : .none
    case 16: Self.is(key, "data_stream.type") ? .type : .none
    case 19: Self.is(key, "data_stream.dataset") ? .dataset : .none
    case 21: Self.is(key, "data_stream.namespace") ? .namespace : .none
    default: .none
    }
  }

  /// A key in one of the two objects.
  static func named(_ key: UnsafeRawBufferPointer, in object: Name) -> Name {
    switch (object, key.count) {
    case (.dataStream, 4): Self.is(key, "type") ? .type : .none
    case (.dataStream, 7): Self.is(key, "dataset") ? .dataset : .none
    case (.dataStream, 9): Self.is(key, "namespace") ? .namespace : .none
    case (.event, 7): Self.is(key, "dataset") ? .eventDataset : .none
    default: .none
    }
  }

  private static func `is`(_ key: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
    key.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }

  /// What the line wanted, as it stands there; JSON between quotes.
  func shown(in line: UnsafeRawBufferPointer) -> [UInt8] {
    func text(_ value: Value) -> [UInt8] {
      switch value {
      case .absent: []
      case .text(let range): Array(line[range])
      case .other: Array("?".utf8)
      }
    }
    let dataset = dataset == .absent ? eventDataset : dataset
    return text(type) + [UInt8(ascii: "-")] + text(dataset)
      + [UInt8(ascii: "-")] + text(namespace)
  }

  /// What is to stand in the line's `data_stream.*` so that it agrees with the data stream that it goes to; in the line's order.
  func replacements(by name: StreamName) -> [(range: Range<Int>, value: String)] {
    [(type, "logs"), (dataset, name.dataset), (namespace, name.namespace)].compactMap { value, name in
      guard case .text(let range) = value else { return nil }
      return (range, name)
    }
    .sorted { $0.range.lowerBound < $1.range.lowerBound }
  }
}
