import Glibc
import Logging

/// Encodes one event as one line of the Elastic Common Schema, version 8
/// (https://www.elastic.co/guide/en/ecs/8.17/index.html), with dotted names.
struct ECSEncoder: Sendable {
  /// The version of the schema that the lines declare.
  static let schemaVersion = "8.17.0"
  /// The end of a line that had to be cut.
  private static let flags: StaticString = ",\"log.flags\":[\"truncated\"]"

  /// What never changes for a logger, already encoded: `,"ecs.version":"…",…,"process.thread.id":`.
  private let constants: [UInt8]

  /// - Parameter label: The logger's name, `log.logger`. Like each text of the identity it is cut to 256 bytes.
  init(identity: ServiceIdentity, label: String, processID: Int32 = getpid()) {
    var line = LineBuffer()
    for (name, text) in [
      ("ecs.version", Self.schemaVersion), ("service.name", identity.name),
      ("service.version", identity.version), ("service.node.name", identity.nodeName),
      ("event.dataset", identity.dataset), ("log.logger", label),
    ] {
      line.append(verbatim: ",\"\(name)\":\"")
      var text = text
      _ = text.withUTF8 { line.appendEscaped($0, atMost: 256) }
      line.append(UInt8(ascii: "\""))
    }
    line.append(verbatim: ",\"process.pid\":\(processID),\"process.thread.id\":")
    self.constants = Array(line.bytes)
  }

  /// Replaces the buffer's content with the event's line, of at most `maximumBytes`, without its newline.
  func encode(
    _ event: LogEvent,
    metadata: MetadataLayers,
    at nanoseconds: Int64,
    maximumBytes: Int,
    threadID: Int32,
    line: inout LineBuffer,
    timestamps: inout TimestampCache
  ) {
    for overflow in [LineBuffer.Overflow.refuse, .share] {
      line.begin(limit: maximumBytes, owed: 0, overflow: overflow)
      if write(event, metadata, nanoseconds, threadID, &line, &timestamps) { return }
    }
  }

  /// Returns false if the line would be too long and the second pass has to cut it.
  private func write(
    _ event: LogEvent,
    _ metadata: MetadataLayers,
    _ nanoseconds: Int64,
    _ threadID: Int32,
    _ line: inout LineBuffer,
    _ timestamps: inout TimestampCache
  ) -> Bool {
    let ending = Self.flags.utf8CodeUnitCount + 1
    line.owed = constants.count + 11 + ending
    line.append("{\"@timestamp\":\"")
    timestamps.append(nanoseconds: nanoseconds, to: &line)
    line.append("\",\"log.level\":\"")
    line.append(event.level.name)
    line.append("\",\"message\":")
    guard line.json(string: event.message.description) else { return false }
    line.append(constants)
    line.append(decimal: Int64(threadID))
    line.owed = ending
    if let error = event.error {
      guard
        field("error.type", String(reflecting: type(of: error)), &line),
        field("error.message", String(describing: error), &line)
      else { return false }
    }
    let names = FieldNames(metadata: metadata, hasError: event.error != nil)
    guard metadata.forEach({ key, value in field(key, value, names, &line) }) else { return false }
    if line.truncated { line.append(Self.flags) }
    line.append(UInt8(ascii: "}"))
    return true
  }

  private func field(_ name: StaticString, _ text: String, _ line: inout LineBuffer) -> Bool {
    let mark = line.count
    line.append(",\"")
    line.append(name)
    line.append("\":")
    return line.json(string: text) || leaveOut(mark, &line)
  }

  private func field(
    _ key: String,
    _ value: Logger.MetadataValue,
    _ names: FieldNames,
    _ line: inout LineBuffer
  ) -> Bool {
    let mark = line.count
    let isMoved = names.isMoved(key)
    line.append(UInt8(ascii: ","))
    guard
      line.json(key: key, prefix: isMoved ? "labels." : ""),
      line.json(value, style: isMoved || FieldNames.isLabel(key) ? .keyword : .typed)
    else { return leaveOut(mark, &line) }
    return true
  }

  /// A field for which there is no room at all: the first pass gives up, the second goes on without it.
  private func leaveOut(_ mark: Int, _ line: inout LineBuffer) -> Bool {
    guard line.overflow == .share else { return false }
    line.rewind(to: mark)
    line.truncated = true
    return true
  }
}

extension Logger.Level {
  /// `log.level`: the level's lower-case name.
  var name: StaticString {
    switch self {
    case .trace: "trace"
    case .debug: "debug"
    case .info: "info"
    case .notice: "notice"
    case .warning: "warning"
    case .error: "error"
    case .critical: "critical"
    }
  }
}
