/// A label set that the compiler knows: a value whose properties are the labels.
///
///     struct RequestLabels: MetricLabels {
///       enum Method: String, MetricLabelValue { case get = "GET", post = "POST" }
///       var method: Method
///       var status: Int
///
///       static var fields: [LabelField<Self>] {
///         [LabelField("method", \.method), LabelField("status", \.status)]
///       }
///     }
///
/// A family of such labels finds a child without a lock and without making text of the values. Equal values must have
/// equal texts; of two that differ but have the same texts only one is exposed, and the
/// other is counted in ``RegistryStatistics/refusedChildren``. `==` and `hash(into:)` must not use
/// metrics themselves.
public protocol MetricLabels: Hashable, Sendable {
  /// The labels in the order of their exposition; the same each time.
  static var fields: [LabelField<Self>] { get }
}

/// One label of a ``MetricLabels``: its name, and where its value comes from.
public struct LabelField<Labels>: Sendable {
  public let name: String
  let text: @Sendable (Labels) -> String
  /// Where in `Labels` the value is stored, if it is.
  let bytes: Range<Int>

  /// A label whose value is a property.
  public init<Value: MetricLabelValue>(_ name: String, _ path: any KeyPath<Labels, Value> & Sendable) {
    self.name = name
    text = { $0[keyPath: path].labelText }
    let start = MemoryLayout<Labels>.offset(of: path) ?? 0
    bytes = start..<(MemoryLayout<Labels>.offset(of: path) == nil ? start : start + MemoryLayout<Value>.size)
  }

  /// A label whose value is made of the properties.
  public init<Value: MetricLabelValue>(_ name: String, _ value: @escaping @Sendable (Labels) -> Value) {
    self.name = name
    text = { value($0).labelText }
    bytes = 0..<0
  }
}

/// What a label's value can be.
///
/// A family finds a child by `==` of its labels, and two `String`s are equal if they are the same characters, however
/// spelled: "é" as one code point and as two share a child, which is exposed as the first of them was spelled. In a
/// family whose labels are given as texts, ``InstrumentFamily``, and to Prometheus, they are two, because the bytes
/// differ. Where values may come in several spellings that should stay apart, give the property a type that compares
/// `utf8`.
public protocol MetricLabelValue: Sendable {
  /// The value as it is exposed. An empty text is the same as no label.
  var labelText: String { get }
}

extension MetricLabelValue where Self: RawRepresentable, RawValue: MetricLabelValue {
  public var labelText: String { rawValue.labelText }
}

extension MetricLabelValue where Self: BinaryInteger {
  public var labelText: String { String(self) }
}

extension String: MetricLabelValue {
  public var labelText: String { self }
}

extension Bool: MetricLabelValue {
  public var labelText: String { self ? "true" : "false" }
}

extension Int: MetricLabelValue {}
extension Int32: MetricLabelValue {}
extension Int64: MetricLabelValue {}
extension UInt: MetricLabelValue {}
extension UInt8: MetricLabelValue {}
extension UInt16: MetricLabelValue {}
extension UInt32: MetricLabelValue {}
extension UInt64: MetricLabelValue {}

extension Optional: MetricLabelValue where Wrapped: MetricLabelValue {
  /// Nothing is no label.
  public var labelText: String { self?.labelText ?? "" }
}

extension MetricLabels {
  static var labelNames: [String] { fields.map(\.name) }

  /// Ones for each byte of a value that a field is stored in, in words of eight; the others may hold anything.
  static var byteMask: [UInt64] {
    var bytes = [UInt8](repeating: 0, count: (MemoryLayout<Self>.size + 7) / 8 * 8)
    for field in fields {
      for byte in field.bytes where byte < MemoryLayout<Self>.size { bytes[byte] = .max }
    }
    return bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 8).map { bytes.load(fromByteOffset: $0, as: UInt64.self) }
    }
  }

  var labelSet: LabelSet { LabelSet(Self.fields.map { Label($0.name, $0.text(self)) }) }
}
