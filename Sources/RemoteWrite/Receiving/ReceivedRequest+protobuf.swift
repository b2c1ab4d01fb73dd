import OpenMetrics

extension ReceivedRequest {
  /// The places of what a series of either version has.
  private struct Places {
    var labels: [Range<Int>] = []
    var samples: [Range<Int>] = []
    var histograms: [Range<Int>] = []
    var exemplars: [Range<Int>] = []
    var metadata: Range<Int>?

    mutating func removeAll() {
      labels.removeAll(keepingCapacity: true)
      samples.removeAll(keepingCapacity: true)
      histograms.removeAll(keepingCapacity: true)
      exemplars.removeAll(keepingCapacity: true)
      metadata = nil
    }
  }

  // MARK: - 1.0

  /// Reads a `WriteRequest`.
  ///
  /// Source: prometheus.io/docs/specs/prw/remote_write_spec, "Protocol"
  /// - Parameter extra: labels that every series gets.
  init(version1 bytes: [UInt8], extra: [Label] = [], limits: Limits = Limits()) throws(PushFault) {
    self.init(limits: limits)
    try bytes.withUnsafeBufferPointer { buffer throws(PushFault) in
      let bytes = UnsafeRawBufferPointer(buffer)
      do {
        var request = FieldReader(bytes)
        var places = Places()
        while let (number, value) = try request.next() {
          switch (number, value) {
          case (1, .bytes(let place)):
            places.removeAll()
            var fields = FieldReader(bytes, place)
            while let (number, value) = try fields.next() {
              switch (number, value) {
              case (1, .bytes(let place)): places.labels.append(place)
              case (2, .bytes(let place)): places.samples.append(place)
              case (3, .bytes(let place)): places.exemplars.append(place)
              case (4, .bytes(let place)): places.histograms.append(place)
              case (1...4, _): throw Self.fault
              default: break
              }
            }
            try take(bytes, places, try Self.labels(bytes, places.labels, limits), extra) { place in
              try Self.labels(bytes, place)
            }
          case (3, .bytes(let place)): try take(metadata1: place, bytes)
          case (1, _), (3, _): throw Self.fault
          default: break
          }
        }
      } catch let fault as PushFault {
        throw fault
      } catch {
        throw .malformed("\(error)")
      }
    }
    assignFamilies()
  }

  private static let fault = PushFault.malformed("a field that is not of its type")
  private static let notUTF8 = PushFault.malformed("a text that is not UTF-8")

  private static func labels(
    _ bytes: UnsafeRawBufferPointer, _ places: [Range<Int>], _ limits: Limits
  ) throws -> [Label] {
    // More of them are refused whatever they say.
    try places.prefix(limits.labels + 1).map { try label(bytes, $0) }
  }

  private static func labels(_ bytes: UnsafeRawBufferPointer, _ exemplar: Range<Int>) throws -> [Label] {
    var labels: [Label] = []
    var fields = FieldReader(bytes, exemplar)
    while let (number, value) = try fields.next() {
      guard number == 1 else { continue }
      guard case .bytes(let place) = value else { throw fault }
      labels.append(try label(bytes, place))
      if labels.count > ScrapedExemplar.mostCharacters { break }
    }
    return labels
  }

  private static func label(_ bytes: UnsafeRawBufferPointer, _ place: Range<Int>) throws -> Label {
    var (name, value) = (0..<0, 0..<0)
    var fields = FieldReader(bytes, place)
    while let (number, found) = try fields.next() {
      switch (number, found) {
      case (1, .bytes(let place)): name = place
      case (2, .bytes(let place)): value = place
      case (1...2, _): throw fault
      default: break
      }
    }
    return Label(try text(bytes, name), try text(bytes, value))
  }

  private static func text(_ bytes: UnsafeRawBufferPointer, _ place: Range<Int>) throws -> String {
    guard let text = String(validating: bytes[place], as: UTF8.self) else { throw notUTF8 }
    return text
  }

  private mutating func take(metadata1 place: Range<Int>, _ bytes: UnsafeRawBufferPointer) throws {
    var family = FamilyMetadata(name: [])
    var fields = FieldReader(bytes, place)
    while let (number, value) = try fields.next() {
      switch (number, value) {
      case (1, .varint(let type)): family.type = type <= 7 ? type : 0
      case (2, .bytes(let place)): family.name = Array(bytes[place])
      case (4, .bytes(let place)): family.help = Array(bytes[place].prefix(limits.textBytes + 1))
      case (5, .bytes(let place)): family.unit = Array(bytes[place].prefix(limits.textBytes + 1))
      case (1...2, _), (4...5, _): throw Self.fault
      default: break
      }
    }
    try take(family)
  }

  // MARK: - 2.0

  /// Reads a `Request` of remote write 2.0.
  ///
  /// Source: prometheus.io/docs/specs/prw/remote_write_spec_2_0, "Protocol"
  init(version2 bytes: [UInt8], extra: [Label] = [], limits: Limits = Limits()) throws(PushFault) {
    self.init(limits: limits)
    try bytes.withUnsafeBufferPointer { buffer throws(PushFault) in
      let bytes = UnsafeRawBufferPointer(buffer)
      do {
        var symbols = try ReceivedSymbols(bytes)
        var request = FieldReader(bytes)
        var places = Places()
        while let (number, value) = try request.next() {
          guard number == 5 else { continue }
          guard case .bytes(let place) = value else { throw Self.fault }
          places.removeAll()
          var fields = FieldReader(bytes, place)
          var references = ReceivedSymbols.References()
          while let (number, value) = try fields.next() {
            switch (number, value) {
            case (1, _): try references.take(bytes, value, most: limits.labels)
            case (2, .bytes(let place)): places.samples.append(place)
            case (3, .bytes(let place)): places.histograms.append(place)
            case (4, .bytes(let place)): places.exemplars.append(place)
            case (5, .bytes(let place)): places.metadata = place
            case (2...5, _): throw Self.fault
            default: break
            }
          }
          guard places.samples.isEmpty || places.histograms.isEmpty else {
            throw PushFault.malformed("a series with samples and histograms")
          }
          let labels = try symbols.labels(references)
          let index = try take(bytes, places, labels, extra) { place in
            var references = ReceivedSymbols.References()
            var fields = FieldReader(bytes, place)
            while let (number, value) = try fields.next() {
              if number == 1 { try references.take(bytes, value, most: ScrapedExemplar.mostCharacters) }
            }
            return try symbols.labels(references)
          }
          if let index, let place = places.metadata { try take(metadata2: place, bytes, index, symbols) }
        }
      } catch let fault as PushFault {
        throw fault
      } catch {
        throw .malformed("\(error)")
      }
    }
  }

  private mutating func take(
    metadata2 place: Range<Int>, _ bytes: UnsafeRawBufferPointer, _ index: Int, _ symbols: ReceivedSymbols
  ) throws {
    var (type, help, unit) = (UInt64(0), UInt64(0), UInt64(0))
    var fields = FieldReader(bytes, place)
    while let (number, value) = try fields.next() {
      switch (number, value) {
      case (1, .varint(let found)): type = found <= 7 ? found : 0
      case (3, .varint(let found)): help = found
      case (4, .varint(let found)): unit = found
      case (1, _), (3...4, _): throw Self.fault
      default: break
      }
    }
    guard type > 0 || help > 0 || unit > 0 else { return }
    let name = Array(series[index].labels[SeriesLabels.nameLabel].utf8)
    let family = FamilyMetadata(
      name: FamilyMetadata.family(of: name, type: type), type: type,
      help: try symbols.bytes(help, most: limits.textBytes + 1),
      unit: try symbols.bytes(unit, most: limits.textBytes + 1))
    if let number = try take(family) { take(index, family: number) }
  }

  // MARK: - Both

  /// Takes a series; what it has is the same in both versions but for the labels of exemplars.
  ///
  /// - Returns: its number; nil where it is not taken.
  @discardableResult
  private mutating func take(
    _ bytes: UnsafeRawBufferPointer, _ places: Places, _ labels: [Label], _ extra: [Label],
    exemplarLabels: (Range<Int>) throws -> [Label]
  ) throws -> Int? {
    let index = try take(labels, extra: extra, samples: places.samples.count + places.histograms.count)
    // What is no message is so whoever sends it.
    for place in places.samples {
      let sample = try Self.sample(bytes, place)
      if let index { try take(index, bits: sample.bits, time: sample.time) }
    }
    for place in places.histograms {
      guard let index else { continue }
      guard place.count <= limits.histogramBytes else {
        refuse(.histogram, 1, "a native histogram of more than \(limits.histogramBytes) bytes")
        continue
      }
      let received: (message: [UInt8], time: Int64)
      do throws(ScrapeFault) {
        received = try NativeHistogram.received(bytes, place)
      } catch {
        refuse(.histogram, 1, "\(error): \(series[index].labels)")
        continue
      }
      try take(index, histogram: received.message, time: received.time)
    }
    for place in places.exemplars.prefix(limits.exemplarsOfSeries) {
      let sample = try Self.exemplar(bytes, place)
      guard let index else { continue }
      let labels = try exemplarLabels(place)
      take(
        index,
        exemplar: ScrapedExemplar(
          labels: SeriesLabels(labels), bits: sample.bits, time: sample.time == 0 ? nil : sample.time))
    }
    return index
  }

  private static func sample(
    _ bytes: UnsafeRawBufferPointer, _ place: Range<Int>
  ) throws -> (bits: UInt64, time: Int64) {
    var sample = (bits: UInt64(0), time: Int64(0))
    var fields = FieldReader(bytes, place)
    while let (number, value) = try fields.next() {
      switch (number, value) {
      case (1, .fixed64(let bits)): sample.bits = bits
      case (2, .varint(let time)): sample.time = Int64(bitPattern: time)
      case (1...2, _): throw fault
      default: break
      }
    }
    return sample
  }

  private static func exemplar(
    _ bytes: UnsafeRawBufferPointer, _ place: Range<Int>
  ) throws -> (bits: UInt64, time: Int64) {
    var sample = (bits: UInt64(0), time: Int64(0))
    var fields = FieldReader(bytes, place)
    while let (number, value) = try fields.next() {
      switch (number, value) {
      case (2, .fixed64(let bits)): sample.bits = bits
      case (3, .varint(let time)): sample.time = Int64(bitPattern: time)
      case (2...3, _): throw fault
      default: break
      }
    }
    return sample
  }
}

extension FamilyMetadata {
  /// The family that a series of 2.0 belongs to, which says of itself no more than its type.
  static func family(of name: [UInt8], type: UInt64) -> [UInt8] {
    let suffixes: [String] =
      switch type {
      case 3: ["_bucket", "_count", "_sum"]
      case 4: ["_bucket", "_gcount", "_gsum"]
      case 5: ["_count", "_sum"]
      default: []
      }
    for suffix in suffixes where name.reversed().starts(with: suffix.utf8.reversed()) {
      return Array(name.dropLast(suffix.utf8.count))
    }
    return name
  }
}
