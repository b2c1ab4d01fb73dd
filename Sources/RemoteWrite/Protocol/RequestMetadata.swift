/// The metadata of a request of remote write 1.0, by the names of families, as places in its bytes.
struct RequestMetadata {
  private struct Family {
    var type: UInt64 = 0
    var help = 0..<0
    var unit = 0..<0
  }

  /// What series are named behind the name of their family.
  static let suffixes = ["_total", "_bucket", "_sum", "_count", "_created", "_info", "_gsum", "_gcount"]

  private let bytes: UnsafeRawBufferPointer
  private var families: [String: Family] = [:]

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isEmpty: Bool { families.isEmpty }

  /// Takes a message `MetricMetadata`; of a family that comes again the last counts.
  ///
  /// - Returns: whether it is one.
  mutating func take(_ range: Range<Int>) -> Bool {
    var family = Family()
    var name = ""
    var fields = FieldReader(bytes, range)
    do throws(ScrapeFault) {
      while let (number, value) = try fields.next() {
        switch (number, value) {
        case (1, .varint(let type)): family.type = type
        case (2, .bytes(let place)): name = String(decoding: bytes[place], as: UTF8.self)
        case (4, .bytes(let place)): family.help = place
        case (5, .bytes(let place)): family.unit = place
        default: break
        }
      }
    } catch {
      return false
    }
    families[name] = family
    return true
  }

  /// A message `Metadata` of remote write 2.0 for a series; nil where nothing is known of its family.
  func message(of name: Range<Int>, _ symbols: inout SymbolTable) -> [UInt8]? {
    guard let family = family(of: String(decoding: bytes[name], as: UTF8.self)) else {
      return nil
    }
    var message: [UInt8] = []
    for (field, value) in [
      (1, family.type), (3, symbols.reference(family.help)), (4, symbols.reference(family.unit)),
    ] as [(UInt64, UInt64)] where value > 0 {
      WireWriter.append(tag: field, .varint, to: &message)
      WireWriter.append(varint: value, to: &message)
    }
    return message
  }

  private func family(of name: String) -> Family? {
    if let family = families[name] { return family }
    for suffix in Self.suffixes where name.hasSuffix(suffix) {
      if let family = families[String(name.dropLast(suffix.count))] { return family }
    }
    return nil
  }
}
