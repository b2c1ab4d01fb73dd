/// The fields of `/proc/PID/stat` that the standard metrics need; see proc(5).
struct ProcessStat: Equatable {
  let cpuTicks: UInt64
  let threads: UInt64
  let startTicks: UInt64
  let virtualBytes: UInt64
  let residentPages: UInt64

  init?(_ text: String?) {
    // The command in parentheses may itself hold blanks and parentheses, so fields count from the last one.
    guard let text, let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
    // The first field here is the third one of proc(5).
    guard fields.count > 21, let user = UInt64(fields[11]), let system = UInt64(fields[12]),
      let threads = UInt64(fields[17]), let start = UInt64(fields[19]),
      let virtual = UInt64(fields[20]), let resident = UInt64(fields[21])
    else { return nil }
    cpuTicks = user &+ system
    self.threads = threads
    startTicks = start
    virtualBytes = virtual
    residentPages = resident
  }
}

/// Lines of a name and numbers, as in `/proc/stat`, `/proc/PID/status` and `/proc/PID/limits`.
enum ProcFields {
  /// The first number of the line whose first word is `key`.
  static func value(of key: String, in text: String?) -> UInt64? {
    guard let text else { return nil }
    for line in text.split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.count > 1, words[0] == key { return UInt64(words[1]) }
    }
    return nil
  }

  /// The number at the very beginning, as in `/proc/uptime`; finite and not negative.
  static func first(in text: String?) -> Double? {
    guard let word = text?.split(whereSeparator: \.isWhitespace).first, let number = Double(word) else {
      return nil
    }
    return number.isFinite && number >= 0 ? number : nil
  }

  /// A soft limit; "unlimited" is 2^64-1, as in Prometheus' other clients.
  static func softLimit(_ name: String, in text: String?) -> Double? {
    guard let line = text?.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
    let words = line.dropFirst(name.count).split(whereSeparator: \.isWhitespace)
    guard let soft = words.first else { return nil }
    return soft == "unlimited" ? Double(UInt64.max) : UInt64(soft).map { Double($0) }
  }
}
