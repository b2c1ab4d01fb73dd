import CMetricsProtobuf
import CProtobufC

/// Writes families as delimited messages `io.prometheus.client.MetricFamily`.
///
/// One metric at a time is laid out in C's structures and packed, so that memory does not grow with the family. Of
/// several points the last one is shown, as the format has room for one.
/// Source: github.com/prometheus/client_model, io/prometheus/client/metrics.proto
struct ProtobufWriter {
  private let escaping: EscapingScheme
  private let arena = MessageArena()
  private var scratch: [UInt8] = []
  private var body: [UInt8] = []

  init(escaping: EscapingScheme = .allowUTF8) { self.escaping = escaping }

  /// The families in the order given; metrics without points, or with points of another type, are left out.
  mutating func write(_ families: [MetricFamily]) -> [UInt8] {
    var result: [UInt8] = []
    for family in families {
      body.removeAll(keepingCapacity: true)
      let layout = MetricLayout(arena, family, escaping)
      appendFields(of: layout.header())
      for metric in family.metrics {
        guard let point = metric.points.last, point.value.type == family.type else { continue }
        layout.forEachMessage(metric.labels, point) { appendMetric($0) }
        arena.reset()
      }
      if let unit = layout.unit() { appendFields(of: unit) }
      arena.reset()
      Self.append(varint: UInt64(body.count), to: &result)
      result.append(contentsOf: body)
    }
    return result
  }

  /// Two messages one after the other are one message with the fields of both.
  private mutating func appendFields(of message: UnsafeMutablePointer<Cmetrics__MetricFamily>) {
    pack(UnsafeRawPointer(message))
    body.append(contentsOf: scratch)
  }

  private mutating func appendMetric(_ message: UnsafeMutablePointer<Cmetrics__Metric>) {
    pack(UnsafeRawPointer(message))
    // Field 4, of the wire type for messages.
    body.append(4 << 3 | 2)
    Self.append(varint: UInt64(scratch.count), to: &body)
    body.append(contentsOf: scratch)
  }

  /// Every generated structure begins with a `ProtobufCMessage`.
  private mutating func pack(_ message: UnsafeRawPointer) {
    let message = message.assumingMemoryBound(to: ProtobufCMessage.self)
    let size = protobuf_c_message_get_packed_size(message)
    if scratch.count > size {
      scratch.removeLast(scratch.count - size)
    } else {
      scratch.append(contentsOf: repeatElement(0, count: size - scratch.count))
    }
    scratch.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { _ = protobuf_c_message_pack(message, base) }
    }
  }

  private static func append(varint value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
