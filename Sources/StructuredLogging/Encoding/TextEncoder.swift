import Logging

/// Encodes one event as one line for a person at a terminal:
/// `2026-01-31T23:59:59.000001Z WARNING feed: gap closed symbol=BTC lost=3`.
///
/// Control characters are shown as escapes: a message can neither break the line nor command the terminal.
struct TextEncoder: Sendable {
  private let label: [UInt8]
  private let isColoured: Bool

  init(label: String, isColoured: Bool) {
    var line = LineBuffer()
    line.begin(limit: 256, owed: 0, overflow: .share)
    line.text(label)
    self.label = Array(line.bytes)
    self.isColoured = isColoured
  }

  func encode(
    _ event: LogEvent,
    metadata: MetadataLayers,
    at nanoseconds: Int64,
    maximumBytes: Int,
    line: inout LineBuffer,
    timestamps: inout TimestampCache
  ) {
    line.begin(limit: maximumBytes, owed: 64, overflow: .share)
    timestamps.append(nanoseconds: nanoseconds, to: &line)
    line.append(UInt8(ascii: " "))
    if isColoured { line.append(Self.colour(event.level)) }
    line.append(Self.column(event.level))
    if isColoured { line.append("\u{1B}[0m") }
    line.append(UInt8(ascii: " "))
    line.append(label)
    line.append(": ")
    line.text(event.message.description)
    if let error = event.error { pair("error", String(describing: error), &line) }
    for (key, value) in Self.sorted(metadata) { pair(key, value.description, &line) }
    if line.truncated { line.append(" [truncated]") }
  }

  private func pair(_ key: String, _ value: String, _ line: inout LineBuffer) {
    guard line.available > key.utf8.count + 16 else {
      line.truncated = true
      return
    }
    line.append(UInt8(ascii: " "))
    if isColoured { line.append("\u{1B}[2m") }
    line.text(key)
    line.append(UInt8(ascii: "="))
    if isColoured { line.append("\u{1B}[0m") }
    let isQuoted = value.isEmpty || value.utf8.contains { $0 <= 0x20 || $0 == 0x22 || $0 == 0x3D }
    if isQuoted {
      line.append(UInt8(ascii: "\""))
      line.text(value, isQuoted: true)
      line.append(UInt8(ascii: "\""))
    } else {
      line.text(value)
    }
  }

  private static func sorted(_ metadata: MetadataLayers) -> [(String, Logger.MetadataValue)] {
    var pairs: [(String, Logger.MetadataValue)] = []
    _ = metadata.forEach { key, value in
      pairs.append((key, value))
      return true
    }
    return pairs.sorted { $0.0 < $1.0 }
  }

  private static func column(_ level: Logger.Level) -> StaticString {
    switch level {
    case .trace: "TRACE   "
    case .debug: "DEBUG   "
    case .info: "INFO    "
    case .notice: "NOTICE  "
    case .warning: "WARNING "
    case .error: "ERROR   "
    case .critical: "CRITICAL"
    }
  }

  private static func colour(_ level: Logger.Level) -> StaticString {
    switch level {
    case .trace, .debug: "\u{1B}[2m"
    case .info: "\u{1B}[32m"
    case .notice: "\u{1B}[36m"
    case .warning: "\u{1B}[33m"
    case .error: "\u{1B}[31m"
    case .critical: "\u{1B}[1;31m"
    }
  }
}

extension LineBuffer {
  /// Text with C0 and C1 control characters, delete, the line separators and, inside quotes, quotes and
  /// backslashes escaped; cut at half of the room that remains.
  mutating func text(_ text: String, isQuoted: Bool = false) {
    var room = max(min(available, 16), available / 2)
    for scalar in text.unicodeScalars {
      let width: Int
      switch scalar.value {
      case 0x09, 0x0A, 0x0D: width = 2
      case 0x22, 0x5C: width = isQuoted ? 2 : 1
      case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: width = 6
      default: width = scalar.utf8.count
      }
      guard width <= room else {
        truncated = true
        return
      }
      room -= width
      append(scalar, width: width)
    }
  }

  private mutating func append(_ scalar: Unicode.Scalar, width: Int) {
    switch scalar.value {
    case 0x09: append("\\t")
    case 0x0A: append("\\n")
    case 0x0D: append("\\r")
    case 0x22, 0x5C:
      if width == 2 { append(0x5C) }
      append(UInt8(scalar.value))
    case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029:
      append("\\u")
      for shift in [12, 8, 4, 0] as [UInt32] {
        append(Self.hexDigit(UInt8(truncatingIfNeeded: scalar.value >> shift) & 0xF))
      }
    default:
      for byte in scalar.utf8 { append(byte) }
    }
  }
}
