/// Makes documents of lines.
struct DocumentWriter {
  /// What a line is besides what it says.
  struct Origin {
    /// As a JSON string, with its quotes.
    var path: [UInt8]
    /// Where the line begins in its file.
    var offset: UInt64
    /// When it was read: RFC 3339, with its quotes.
    var time: [UInt8]
    /// The id of the container that wrote it, with quotes; empty where it is not known.
    var container: [UInt8] = []
    /// Whether only its beginning is here.
    var isTruncated = false
    /// Whether no newline has ended it.
    var isUnended = false
  }

  /// A line that was looked at.
  struct Prepared {
    fileprivate var scan: JSONScan
    fileprivate var fields: StreamFields
    /// What the container runtime says of it; nil where it is a line as any other.
    fileprivate var frame: ContainerFormat.Frame?
    var route: StreamRouter.Route
    /// Whether a secret was left out.
    var isRedacted: Bool
  }

  /// Finds secrets; nil leaves them.
  let redactor: Redactor?
  /// nil sends all to one index.
  private var router: StreamRouter?
  /// What lines are wrapped in; nil where they are not.
  private let container: ContainerFormat?
  private var scratch: [UInt8] = []
  private var unwrapped: [UInt8] = []

  init(redactor: Redactor? = nil, router: StreamRouter? = nil, container: ContainerFormat? = nil) {
    self.container = container
    self.redactor = redactor
    self.router = router
  }

  /// The data stream of the line that was prepared last, where that has one.
  var streamName: [UInt8] { router?.name ?? [] }

  /// Looks what a line is; ``write(_:_:_:to:)`` writes it.
  mutating func prepare(_ line: UnsafeRawBufferPointer, _ origin: Origin) -> Prepared {
    guard let container, !origin.isTruncated, let frame = container.unwrap(line, into: &unwrapped) else {
      return redact(line, origin)
    }
    let text = unwrapped
    var prepared = text.withUnsafeBytes { redact($0, origin) }
    prepared.frame = frame
    return prepared
  }

  private mutating func redact(_ line: UnsafeRawBufferPointer, _ origin: Origin) -> Prepared {
    guard let redactor, redactor.redact(line, into: &scratch) else {
      return look(line, origin, isRedacted: false)
    }
    let redacted = scratch
    return redacted.withUnsafeBytes { look($0, origin, isRedacted: true) }
  }

  private mutating func look(
    _ line: UnsafeRawBufferPointer, _ origin: Origin, isRedacted: Bool
  ) -> Prepared {
    var prepared = Prepared(
      scan: .text, fields: StreamFields(), frame: nil, route: .standard, isRedacted: isRedacted)
    guard !origin.isTruncated else { return prepared }
    guard router != nil else {
      prepared.scan = JSONValidator.scan(line)
      return prepared
    }
    prepared.scan = JSONValidator.scan(line, &prepared.fields)
    if case .object = prepared.scan {
      prepared.route = router?.route(line, prepared.fields) ?? .standard
    }
    return prepared
  }

  /// Writes the document of the line that was prepared last.
  func write(
    _ prepared: Prepared, _ line: UnsafeRawBufferPointer, _ origin: Origin, to output: inout [UInt8]
  ) {
    if prepared.isRedacted {
      scratch.withUnsafeBytes { write(prepared, $0, origin, &output) }
    } else if prepared.frame != nil {
      unwrapped.withUnsafeBytes { write(prepared, $0, origin, &output) }
    } else {
      write(prepared, line, origin, &output)
    }
  }

  private func write(
    _ prepared: Prepared, _ line: UnsafeRawBufferPointer, _ origin: Origin, _ output: inout [UInt8]
  ) {
    var origin = origin
    if let frame = prepared.frame { origin.time = frame.time }
    switch prepared.scan {
    case .object(let keys): pass(line, keys, prepared, origin, &output)
    case .text: wrap(line, nil, prepared, origin, &output)
    case .invalid(let fault): wrap(line, fault, prepared, origin, &output)
    }
  }

  /// The line as it is, but for what is put before it.
  private func pass(
    _ line: UnsafeRawBufferPointer, _ keys: JSONKeys, _ prepared: Prepared, _ origin: Origin,
    _ output: inout [UInt8]
  ) {
    output.append(UInt8(ascii: "{"))
    if !keys.contains(.timestamp) { append("\"@timestamp\":", origin.time, &output) }
    if !keys.contains(.path) { append("\"log.file.path\":", origin.path, &output) }
    if !keys.contains(.offset) {
      append("\"log.offset\":", &output)
      JSONText.append(origin.offset, to: &output)
      output.append(UInt8(ascii: ","))
    }
    if !origin.container.isEmpty, !keys.contains(.container) {
      append("\"container.id\":", origin.container, &output)
    }
    if let frame = prepared.frame, !keys.contains(.stream) {
      append(frame.isError ? Self.standardError : Self.standardOutput, &output)
    }
    if prepared.route == .unroutable, !keys.contains(.dataStream) {
      append("\"log.data_stream\":\"", &output)
      output += prepared.fields.shown(in: line)
      append("\",", &output)
    }
    if keys.contains(.empty), output.last == UInt8(ascii: ",") { output.removeLast() }
    let start = line.firstIndex(of: UInt8(ascii: "{")).map { $0 + 1 } ?? 0
    guard prepared.route == .unroutable, let standard = router?.standard else {
      output.append(contentsOf: UnsafeRawBufferPointer(rebasing: line[start...]))
      return
    }
    var written = start
    for (range, value) in prepared.fields.replacements(by: standard) {
      output.append(contentsOf: UnsafeRawBufferPointer(rebasing: line[written..<range.lowerBound]))
      output += value.utf8
      written = range.upperBound
    }
    output.append(contentsOf: UnsafeRawBufferPointer(rebasing: line[written...]))
  }

  /// The line as the message of a document.
  private func wrap(
    _ line: UnsafeRawBufferPointer, _ fault: JSONFault?, _ prepared: Prepared, _ origin: Origin,
    _ output: inout [UInt8]
  ) {
    output.append(UInt8(ascii: "{"))
    append("\"@timestamp\":", origin.time, &output)
    if !origin.container.isEmpty { append("\"container.id\":", origin.container, &output) }
    if let frame = prepared.frame {
      append(frame.isError ? Self.standardError : Self.standardOutput, &output)
    }
    append("\"log.file.path\":", origin.path, &output)
    append("\"log.offset\":", &output)
    JSONText.append(origin.offset, to: &output)
    append(",\"message\":\"", &output)
    let isWhole = JSONText.append(line, to: &output)
    output.append(UInt8(ascii: "\""))
    if let fault {
      append(",\"error.message\":", &output)
      output += JSONText.quoted(fault.description)
    } else if !isWhole {
      append(",\"error.message\":\"invalid UTF-8\"", &output)
    }
    var flags: [StaticString] = []
    if fault != nil { flags.append("invalid_json") }
    if !isWhole { flags.append("invalid_utf8") }
    if origin.isTruncated { flags.append("truncated") }
    if origin.isUnended { flags.append("unended") }
    if !flags.isEmpty {
      append(",\"log.flags\":[", &output)
      for (index, flag) in flags.enumerated() {
        output.append(UInt8(ascii: index == 0 ? "\"" : ","))
        if index > 0 { output.append(UInt8(ascii: "\"")) }
        append(flag, &output)
        output.append(UInt8(ascii: "\""))
      }
      output.append(UInt8(ascii: "]"))
    }
    output.append(UInt8(ascii: "}"))
  }

  private static let standardOutput: StaticString = "\"log.iostream\":\"stdout\","
  private static let standardError: StaticString = "\"log.iostream\":\"stderr\","

  @inline(__always)
  private func append(_ name: StaticString, _ value: [UInt8], _ output: inout [UInt8]) {
    append(name, &output)
    output.append(contentsOf: value)
    output.append(UInt8(ascii: ","))
  }

  @inline(__always)
  private func append(_ text: StaticString, _ output: inout [UInt8]) {
    output.append(contentsOf: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
