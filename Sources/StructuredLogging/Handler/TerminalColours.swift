import Glibc

/// Whether to use colours: only on a terminal, and not if the user said no (https://no-color.org).
enum TerminalColours {
  static func areWanted(by writer: LogWriter) -> Bool {
    if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
    return writer.isTerminal
  }
}
