/// How lines look on streams. Files always get JSON lines.
public enum LogFormat: String, Sendable, CaseIterable {
  /// One Elastic Common Schema document a line.
  case json
  /// One line for a person to read, in colours if the stream is a terminal and `NO_COLOR` is not set.
  case text
}
