/// One name and value.
public struct Label: Sendable, Hashable, CustomStringConvertible {
  public let name: String
  public let value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  public var description: String { "\(name)=\"\(value)\"" }

  /// By the bytes: to Prometheus, one character in two spellings is two.
  public static func == (left: Label, right: Label) -> Bool {
    left.name.utf8.elementsEqual(right.name.utf8) && left.value.utf8.elementsEqual(right.value.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    for text in [name, value] {
      var text = text
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
      hasher.combine(0xFF as UInt8)
    }
  }

  /// By the bytes, so that labels that are not equal have an order.
  static func isBefore(_ left: Label, _ right: Label) -> Bool {
    left.name.utf8.elementsEqual(right.name.utf8)
      ? left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
      : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }
}

/// A set of labels that keeps the order it was written in; equality ignores that order.
///
/// Sets that need no escaping, nearly all, are one block of memory: the text as the text formats show it.
public struct LabelSet: Sendable, RandomAccessCollection {
  /// Which of the two a set is follows from its content alone, so that equal sets are of the same kind.
  enum Storage: Sendable {
    case text(LabelText)
    case labels([Label])
  }

  let storage: Storage

  public static let empty = LabelSet([Label]())

  /// Keeps the labels as they are; whether names are valid and unique is for
  /// ``MetricFamily/violation()`` to say.
  public init(_ labels: [Label]) {
    storage = LabelText.make(labels).map { .text($0) } ?? .labels(labels)
  }

  init(_ text: LabelText) { storage = .text(text) }

  public init(_ pairs: [(String, String)]) { self.init(pairs.map { Label($0.0, $0.1) }) }

  public var startIndex: Int { 0 }

  public var endIndex: Int {
    switch storage {
    case .text(let text): text.labelCount
    case .labels(let labels): labels.count
    }
  }

  public subscript(position: Int) -> Label {
    switch storage {
    case .text(let text): text.label(at: position)
    case .labels(let labels): labels[position]
    }
  }

  /// The value of the label called `name`, byte for byte.
  public subscript(name: String) -> String? {
    switch storage {
    case .text(let text): text.value(of: name)
    case .labels(let labels): labels.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }
  }

  public func removing(_ name: String) -> LabelSet {
    LabelSet(filter { !$0.name.utf8.elementsEqual(name.utf8) })
  }

  public func appending(_ other: LabelSet) -> LabelSet {
    other.isEmpty ? self : isEmpty ? other : LabelSet(Array(self) + Array(other))
  }

  /// What tells one metric from another: a label with an empty value is the same as no label
  /// (OpenMetrics 1.0, "Label").
  var identity: LabelSet {
    switch storage {
    case .text(let text) where !text.hasEmptyValue: self
    default: contains { $0.value.isEmpty } ? LabelSet(filter { !$0.value.isEmpty }) : self
    }
  }

  var firstDuplicateName: String? {
    if case .text(let text) = storage { return text.firstDuplicateName }
    var seen = Set<ExactText>(minimumCapacity: count)
    return first { !seen.insert(ExactText($0.name)).inserted }?.name
  }
}

extension LabelSet: Hashable {
  public static func == (left: LabelSet, right: LabelSet) -> Bool {
    switch (left.storage, right.storage) {
    case (.text(let first), .text(let second)):
      if first.hasSameText(as: second) { return true }
      return first.isSameSize(as: second) && left.sortedByName == right.sortedByName
    case (.labels(let first), .labels(let second)):
      if first == second { return true }
      return first.count == second.count && left.sortedByName == right.sortedByName
    default: return false
    }
  }

  public func hash(into hasher: inout Hasher) {
    // A sum does not depend on the order, and needs no sorted copy.
    switch storage {
    case .text(let text): hasher.combine(text.hashSum)
    case .labels(let labels):
      var sum = 0
      for label in labels {
        var single = Hasher()
        single.combine(label)
        sum &+= single.finalize()
      }
      hasher.combine(sum)
    }
  }

  private var sortedByName: [Label] {
    count < 2 ? Array(self) : sorted(by: Label.isBefore)
  }
}

extension LabelSet: ExpressibleByDictionaryLiteral, CustomStringConvertible {
  public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }

  public var description: String { "{" + map(\.description).joined(separator: ",") + "}" }
}
