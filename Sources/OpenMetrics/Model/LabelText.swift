/// Labels as the text formats show them, without the braces: `code="200",path="/a"`.
///
/// Only of labels whose names need no quotes and whose values need no escaping, so that every part of the text is also
/// the label's own name or value. One block of memory, since a scrape walks over very many: its elements are the lengths
/// of names and values, two numbers a label, and the text.
///
/// `@unchecked Sendable`: `init` fills the block before anyone else can see it, and nothing writes to it afterwards.
struct LabelText: @unchecked Sendable {
  private struct Header {
    let labelCount: UInt32
    let textCount: UInt32
    let hasEmptyValue: Bool
  }

  private let block: ManagedBuffer<Header, UInt32>

  private var header: Header { block.header }

  var labelCount: Int { Int(header.labelCount) }

  var hasEmptyValue: Bool { header.hasEmptyValue }

  /// `nil` where a name needs quotes or a value escaping, and for sets without labels.
  static func make(_ labels: [Label]) -> LabelText? {
    guard !labels.isEmpty else { return nil }
    var textCount = labels.count - 1
    var hasEmptyValue = false
    for label in labels {
      guard NameGrammar.isLabelName(label.name.utf8), !needsEscape(label.value) else { return nil }
      textCount += label.name.utf8.count + label.value.utf8.count + 3
      if label.value.isEmpty { hasEmptyValue = true }
    }
    guard textCount < Int(UInt32.max) else { return nil }
    return LabelText(labelCount: labels.count, textCount: textCount, hasEmptyValue: hasEmptyValue) {
      fill($0, $1, labels)
    }
  }

  /// - Parameters:
  ///   - labelCount: and `textCount`: below 2^32.
  ///   - fill: writes two lengths a label and `textCount` bytes of text, both in full.
  init(
    labelCount: Int, textCount: Int, hasEmptyValue: Bool,
    fill: (_ lengths: UnsafeMutablePointer<UInt32>, _ text: UnsafeMutablePointer<UInt8>) -> Void
  ) {
    block = .create(minimumCapacity: labelCount * 2 + (textCount + 3) / 4) { _ in
      Header(
        labelCount: UInt32(truncatingIfNeeded: labelCount), textCount: UInt32(truncatingIfNeeded: textCount),
        hasEmptyValue: hasEmptyValue)
    }
    block.withUnsafeMutablePointerToElements { fill($0, Self.text(behind: labelCount, $0)) }
  }

  private static func needsEscape(_ value: String) -> Bool {
    var value = value
    return value.withUTF8 { EscapeScan.needsEscape($0, quotes: true) }
  }

  @inline(__always)
  private static func text(
    behind labelCount: Int, _ lengths: UnsafeMutablePointer<UInt32>
  ) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(lengths + labelCount * 2).assumingMemoryBound(to: UInt8.self)
  }

  private static func fill(
    _ lengths: UnsafeMutablePointer<UInt32>, _ text: UnsafeMutablePointer<UInt8>, _ labels: [Label]
  ) {
    var position = 0
    func put(_ byte: UInt8) {
      text[position] = byte
      position += 1
    }
    func put(_ string: String) {
      var string = string
      string.withUTF8 { bytes in
        guard let start = bytes.baseAddress else { return }
        (text + position).update(from: start, count: bytes.count)
        position += bytes.count
      }
    }
    for (index, label) in labels.enumerated() {
      lengths[index * 2] = UInt32(label.name.utf8.count)
      lengths[index * 2 + 1] = UInt32(label.value.utf8.count)
      if index > 0 { put(UInt8(ascii: ",")) }
      put(label.name)
      put(UInt8(ascii: "="))
      put(UInt8(ascii: "\""))
      put(label.value)
      put(UInt8(ascii: "\""))
    }
  }

  /// Where the block is; for asking the processor to fetch it.
  @inline(__always)
  var place: UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passUnretained(block).toOpaque()) }

  @inline(__always)
  func withText<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    block.withUnsafeMutablePointers { header, lengths in
      let text = Self.text(behind: Int(header.pointee.labelCount), lengths)
      return body(UnsafeBufferPointer(start: text, count: Int(header.pointee.textCount)))
    }
  }

  /// Calls `body` with the bytes of every name and value, until it returns false.
  func forEach(_ body: (_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Bool) {
    block.withUnsafeMutablePointers { header, lengths in
      let count = Int(header.pointee.labelCount)
      let text = Self.text(behind: count, lengths)
      var position = 0
      for index in 0..<count {
        let name = UnsafeBufferPointer(start: text + position, count: Int(lengths[index * 2]))
        position += name.count + 2
        let value = UnsafeBufferPointer(start: text + position, count: Int(lengths[index * 2 + 1]))
        position += value.count + 2
        if !body(name, value) { return }
      }
    }
  }

  func label(at position: Int) -> Label {
    var result = Label("", "")
    var index = 0
    forEach { name, value in
      if index == position {
        result = Label(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
      }
      index += 1
      return index <= position
    }
    return result
  }

  func value(of wanted: String) -> String? {
    var result: String?
    var wanted = wanted
    wanted.withUTF8 { wanted in
      forEach { name, value in
        if Self.isSame(name, wanted) { result = String(decoding: value, as: UTF8.self) }
        return result == nil
      }
    }
    return result
  }

  var firstDuplicateName: String? {
    guard labelCount > 1 else { return nil }
    if labelCount > 8 {
      var seen = Set<String>(minimumCapacity: labelCount)
      var duplicate: String?
      forEach { name, _ in
        let name = String(decoding: name, as: UTF8.self)
        if !seen.insert(name).inserted { duplicate = name }
        return duplicate == nil
      }
      return duplicate
    }
    var duplicate: String?
    var index = 0
    forEach { name, _ in
      var other = 0
      forEach { earlier, _ in
        if other < index, Self.isSame(earlier, name) { duplicate = String(decoding: name, as: UTF8.self) }
        other += 1
        return other < index && duplicate == nil
      }
      index += 1
      return duplicate == nil
    }
    return duplicate
  }

  func isSameSize(as other: LabelText) -> Bool {
    header.labelCount == other.header.labelCount && header.textCount == other.header.textCount
  }

  func hasSameText(as other: LabelText) -> Bool {
    block === other.block
      || isSameSize(as: other) && withText { mine in other.withText { Self.isSame(mine, $0) } }
  }

  var hashSum: Int {
    var sum = 0
    forEach { name, value in
      var single = Hasher()
      single.combine(bytes: UnsafeRawBufferPointer(name))
      single.combine(0xFF as UInt8)
      single.combine(bytes: UnsafeRawBufferPointer(value))
      sum &+= single.finalize()
      return true
    }
    return sum
  }

  @inline(__always)
  private static func isSame(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool
  {
    left.count == right.count && left.elementsEqual(right)
  }
}
