import OpenMetrics

/// The texts of a request of remote write 2.0, and what refers to them.
struct ReceivedSymbols {
  /// Numbers of texts, of names and values in turn.
  struct References {
    fileprivate var numbers: [UInt64] = []

    /// Takes a field: numbers stand one by one or packed.
    ///
    /// - Parameter most: pairs; of more no more than one too many is kept, for they are refused whatever they say.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ value: FieldReader.Value, most: Int) throws {
      switch value {
      case .varint(let number): append(number, most)
      case .bytes(let place):
        var reader = FieldReader(bytes, place)
        while !reader.isAtEnd { append(try reader.varint(), most) }
      default: throw PushFault.malformed("references that are no numbers")
      }
      isOdd = count % 2 == 1
    }

    private var count = 0
    fileprivate var isOdd = false

    private mutating func append(_ number: UInt64, _ most: Int) {
      count += 1
      if numbers.count < 2 * (most + 1) { numbers.append(number) }
    }
  }

  /// An honest request has a few for each series.
  static let most = 1_000_000

  private let bytes: UnsafeRawBufferPointer
  private var places: [Range<Int>] = []
  private var texts: [String?] = []

  /// - Parameter bytes: of the request; symbols may stand behind what refers to them.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    self.bytes = bytes
    var request = FieldReader(bytes)
    var hasSeries = false
    while let (number, value) = try request.next() {
      if number == 5 { hasSeries = true }
      guard number == 4 else { continue }
      guard case .bytes(let place) = value else { throw PushFault.malformed("a symbol that is no text") }
      guard places.count < Self.most else { throw PushFault.tooLarge("more than \(Self.most) symbols") }
      places.append(place)
    }
    guard places.first?.isEmpty == true || (places.isEmpty && !hasSeries) else {
      throw PushFault.malformed("the first symbol is not empty")
    }
    texts = Array(repeating: nil, count: places.count)
  }

  mutating func labels(_ references: References) throws -> [Label] {
    guard !references.isOdd else { throw PushFault.malformed("a label's name without a value") }
    var labels: [Label] = []
    labels.reserveCapacity(references.numbers.count / 2)
    for index in stride(from: 0, to: references.numbers.count - 1, by: 2) {
      labels.append(
        Label(try text(references.numbers[index]), try text(references.numbers[index + 1])))
    }
    return labels
  }

  private mutating func text(_ number: UInt64) throws -> String {
    let place = try place(number)
    if let known = texts[Int(number)] { return known }
    guard let text = String(validating: bytes[place], as: UTF8.self) else {
      throw PushFault.malformed("a symbol that is not UTF-8")
    }
    texts[Int(number)] = text
    return text
  }

  /// The begin of a text, as bytes.
  func bytes(_ number: UInt64, most: Int) throws -> [UInt8] {
    number == 0 ? [] : Array(bytes[try place(number)].prefix(most))
  }

  private func place(_ number: UInt64) throws -> Range<Int> {
    guard number < UInt64(places.count) else {
      throw PushFault.malformed("a reference to symbol \(number), of \(places.count)")
    }
    return places[Int(number)]
  }
}
