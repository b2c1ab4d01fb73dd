import OpenMetrics

/// The labels of a series as remote write wants them: sorted by name, no name twice, no empty names or values.
///
/// Names and values are compared by their bytes, as Prometheus does.
public struct SeriesLabels: Sendable, Hashable {
  /// The label that holds the metric's name.
  public static let nameLabel = "__name__"

  /// In ascending order of the names' bytes.
  public private(set) var labels: [Label]

  public init() { labels = [] }

  /// - Parameter labels: in any order. Of a name that comes twice the last value counts; empty ones are left out.
  public init(_ labels: some Sequence<Label>) {
    self.labels = []
    for label in labels { self[label.name] = label.value }
  }

  /// The value of a label; empty where there is none. Setting an empty one removes the label.
  public subscript(name: String) -> String {
    get {
      let position = position(of: name)
      return isLabel(position, name) ? labels[position].value : ""
    }
    set {
      guard !name.isEmpty else { return }
      let position = position(of: name)
      switch (isLabel(position, name), newValue.isEmpty) {
      case (true, true): labels.remove(at: position)
      case (true, false): labels[position] = Label(name, newValue)
      case (false, true): break
      case (false, false): labels.insert(Label(name, newValue), at: position)
      }
    }
  }

  public var isEmpty: Bool { labels.isEmpty }

  public func contains(_ name: String) -> Bool { isLabel(position(of: name), name) }

  /// Keeps the labels that `isKept` says yes to.
  public mutating func filter(_ isKept: (Label) -> Bool) { labels = labels.filter(isKept) }

  private func isLabel(_ position: Int, _ name: String) -> Bool {
    position < labels.count && labels[position].name.utf8.elementsEqual(name.utf8)
  }

  /// Where the label of this name is or would be.
  private func position(of name: String) -> Int {
    var (low, high) = (0, labels.count)
    while low < high {
      let middle = (low + high) / 2
      if labels[middle].name.utf8.lexicographicallyPrecedes(name.utf8) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}

extension SeriesLabels: ExpressibleByDictionaryLiteral, CustomStringConvertible {
  public init(dictionaryLiteral elements: (String, String)...) {
    self.init(elements.map { Label($0.0, $0.1) })
  }

  public var description: String { "{\(labels.map(\.description).joined(separator: ", "))}" }
}
