import OpenMetrics

@testable import RemoteWrite

/// Messages of protobuf, field by field.
struct Message {
  var bytes: [UInt8] = []

  func bytes(_ field: UInt64, _ content: [UInt8]) -> Message {
    var copy = self
    WireWriter.append(field: field, content, to: &copy.bytes)
    return copy
  }

  func text(_ field: UInt64, _ text: String) -> Message { bytes(field, Array(text.utf8)) }
  func message(_ field: UInt64, _ message: Message) -> Message { bytes(field, message.bytes) }

  func number(_ field: UInt64, _ value: UInt64) -> Message {
    var copy = self
    WireWriter.append(tag: field, .varint, to: &copy.bytes)
    WireWriter.append(varint: value, to: &copy.bytes)
    return copy
  }

  func signed(_ field: UInt64, _ value: Int64) -> Message { number(field, WireWriter.zigzag(value)) }

  func double(_ field: UInt64, _ value: Double) -> Message { double(field, bits: value.bitPattern) }

  /// As bits: a number would lose what makes a staleness marker.
  func double(_ field: UInt64, bits: UInt64) -> Message {
    var copy = self
    WireWriter.append(field: field, double: bits, to: &copy.bytes)
    return copy
  }

  func appending(_ other: Message) -> Message { Message(bytes: bytes + other.bytes) }

  func label(_ name: String, _ value: String) -> Message {
    message(1, Message().text(1, name).text(2, value))
  }

  func span(_ field: UInt64, _ offset: Int64, _ length: UInt64) -> Message {
    message(field, Message().signed(1, offset).number(2, length))
  }

  /// A `MetricFamily` behind its length.
  static func family(_ name: String, type: UInt64, _ metrics: Message...) -> [UInt8] {
    var family = Message().text(1, name).text(2, "h").number(3, type)
    for metric in metrics { family = family.message(4, metric) }
    var bytes: [UInt8] = []
    WireWriter.append(varint: UInt64(family.bytes.count), to: &bytes)
    return bytes + family.bytes
  }

  static func exemplar(_ id: String, _ value: Double, seconds: UInt64?) -> Message {
    let exemplar = Message().label("trace_id", id).double(2, value)
    return seconds.map { exemplar.message(3, Message().number(1, $0).number(2, 500_000_000)) } ?? exemplar
  }

  /// 17 observations: 2 at zero, 3 and 1 in buckets 1 and 2, 4 in bucket 5, 7 in the negative bucket 0.
  static let native = Message().number(1, 17).double(2, 12.5).signed(5, 3).double(6, 0.001).number(7, 2)
    .span(9, 0, 1).signed(10, 7).span(12, 1, 2).span(12, 2, 1).signed(13, 3).signed(13, -2).signed(13, 3)
}
