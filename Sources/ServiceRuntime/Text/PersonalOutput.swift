import Foundation

/// Lines for whoever looks at a terminal. A reader that has gone away, or a disk that is full, costs the lines; not the
/// process, as long as that ignores SIGPIPE, which whoever opens sockets with NIO does.
public enum PersonalOutput {
  /// A line on standard output.
  public static func say(_ line: String) { write(line + "\n", to: .standardOutput) }

  /// A line on standard error.
  public static func warn(_ line: String) { write(line + "\n", to: .standardError) }

  /// Text on standard error as it is.
  public static func show(_ text: String) { write(text, to: .standardError) }

  private static func write(_ text: String, to handle: FileHandle) {
    try? handle.write(contentsOf: Data(text.utf8))
  }
}
