import Glibc

/// Which lines go to data streams that they name themselves.
public struct StreamRouting: Equatable, Sendable {
  /// Patterns (`*`, `?`, `[…]`) of the datasets that may be named; a line with another one goes where those go that name none.
  public var datasets: [String]

  public init(datasets: [String] = ["*"]) { self.datasets = datasets }
}

/// Where lines go. It depends on nothing but the line and the settings: a line that is sent again has to go where it went before.
struct StreamRouter {
  enum Route: Equatable {
    /// To the index of all that names nothing.
    case standard
    /// To the data stream ``StreamRouter/name``.
    case stream
    /// It names a data stream that cannot be, or may not; it goes to the index of all others.
    case unroutable
  }

  private let datasets: [String]
  /// What the index of all others is called by; nil where it is no data stream.
  let standard: StreamName?
  private let standardNamespace: [UInt8]
  /// Of the last line that was routed.
  private(set) var name: [UInt8] = []
  private var dataset: [UInt8] = []
  private var namespace: [UInt8] = []
  private var isKnown = false
  private var isRoutable = false

  init(_ routing: StreamRouting, standard index: String) {
    datasets = routing.datasets
    standard = StreamName(index)
    standardNamespace = Array((standard?.namespace ?? "default").utf8)
  }

  mutating func route(_ line: UnsafeRawBufferPointer, _ fields: StreamFields) -> Route {
    var isOfEvent = false
    let dataset: Range<Int>
    switch (fields.dataset, fields.eventDataset) {
    case (.text(let range), _): dataset = range
    case (.absent, .text(let range)):
      dataset = range
      isOfEvent = true
    // A namespace or a type alone would not agree with the index either.
    case (.absent, .absent) where fields.type == .absent && fields.namespace == .absent: return .standard
    default: return .unroutable
    }
    switch fields.type {
    case .absent: break
    case .text(let range) where line[range].elementsEqual("logs".utf8): break
    default: return .unroutable
    }
    switch fields.namespace {
    case .absent:
      return standardNamespace.withUnsafeBytes {
        look(UnsafeRawBufferPointer(rebasing: line[dataset]), $0, isOfEvent)
      }
    case .text(let range):
      return look(
        UnsafeRawBufferPointer(rebasing: line[dataset]), UnsafeRawBufferPointer(rebasing: line[range]),
        isOfEvent)
    case .other: return .unroutable
    }
  }

  /// The lines of a file mostly go where the one before went.
  private mutating func look(
    _ dataset: UnsafeRawBufferPointer, _ namespace: UnsafeRawBufferPointer, _ isOfEvent: Bool
  ) -> Route {
    guard
      isKnown, dataset.elementsEqual(self.dataset), namespace.elementsEqual(self.namespace),
      isOfEvent == wasOfEvent
    else {
      isKnown = true
      self.dataset = Array(dataset.prefix(StreamName.longestPart + 1))
      self.namespace = Array(namespace.prefix(StreamName.longestPart + 1))
      wasOfEvent = isOfEvent
      isRoutable = isStream()
      return isRoutable ? .stream : .unroutable
    }
    return isRoutable ? .stream : .unroutable
  }

  private var wasOfEvent = false

  private mutating func isStream() -> Bool {
    // The dataset of an event may have hyphens; Elasticsearch's reroute processor writes them so, too.
    let dataset = wasOfEvent ? self.dataset.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 } : dataset
    guard dataset.withUnsafeBytes(StreamName.isPart), namespace.withUnsafeBytes(StreamName.isPart) else {
      return false
    }
    let text = String(decoding: dataset, as: UTF8.self)
    guard datasets.contains(where: { fnmatch($0, text, 0) == 0 }) else { return false }
    name = Array("logs-".utf8) + dataset + [UInt8(ascii: "-")] + namespace
    return true
  }
}
