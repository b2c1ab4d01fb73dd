/// One name and value.
public struct Label: Sendable, Hashable, CustomStringConvertible {
  public let name: String
  public let value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  public var description: String { "\(name)=\"\(value)\"" }
}

/// A set of labels that keeps the order it was written in; equality ignores that order.
public struct LabelSet: Sendable, RandomAccessCollection {
  private let labels: [Label]

  public static let empty = LabelSet([Label]())

  /// Keeps the labels as they are; whether names are valid and unique is for
  /// ``MetricFamily/violation()`` to say.
  public init(_ labels: [Label]) { self.labels = labels }

  public init(_ pairs: [(String, String)]) { self.labels = pairs.map { Label($0.0, $0.1) } }

  public var startIndex: Int { labels.startIndex }
  public var endIndex: Int { labels.endIndex }
  public subscript(position: Int) -> Label { labels[position] }

  /// The value of the label called `name`.
  public subscript(name: String) -> String? { labels.first { $0.name == name }?.value }

  public func removing(_ name: String) -> LabelSet { LabelSet(labels.filter { $0.name != name }) }

  public func appending(_ other: LabelSet) -> LabelSet { LabelSet(labels + other.labels) }

  /// What tells one metric from another: a label with an empty value is the same as no label
  /// (OpenMetrics 1.0, "Label").
  var identity: LabelSet {
    labels.contains { $0.value.isEmpty } ? LabelSet(labels.filter { !$0.value.isEmpty }) : self
  }

  var firstDuplicateName: String? {
    if labels.count <= 8 {
      for (index, label) in labels.enumerated() {
        for earlier in labels[..<index] where earlier.name == label.name { return label.name }
      }
      return nil
    }
    var seen = Set<String>(minimumCapacity: labels.count)
    return labels.first { !seen.insert($0.name).inserted }?.name
  }
}

extension LabelSet: Hashable {
  public static func == (left: LabelSet, right: LabelSet) -> Bool {
    if left.labels == right.labels { return true }
    guard left.count == right.count else { return false }
    return left.sortedByName == right.sortedByName
  }

  public func hash(into hasher: inout Hasher) {
    // A sum does not depend on the order, and needs no sorted copy.
    var sum = 0
    for label in labels {
      var single = Hasher()
      single.combine(label)
      sum &+= single.finalize()
    }
    hasher.combine(sum)
  }

  private var sortedByName: [Label] {
    labels.count < 2 ? labels : labels.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
  }
}

extension LabelSet: ExpressibleByDictionaryLiteral, CustomStringConvertible {
  public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }

  public var description: String { "{" + labels.map(\.description).joined(separator: ",") + "}" }
}
