/// Why a configuration is refused. Each case is one line that names the place and the way out.
public enum ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// The file that was named explicitly does not exist, or cannot be read.
  case unreadableFile(path: String, reason: String)
  case fileTooLarge(path: String, limit: Int)
  /// Not UTF-8, not YAML, or more than plain settings (anchors, several documents, a list of mappings).
  case malformedFile(path: String, line: Int?, problem: String)
  case unknownKey(String, origin: ConfigurationOrigin, nearest: String?)
  case duplicateKey(String, origin: ConfigurationOrigin, first: ConfigurationOrigin)
  case invalidValue(key: String, value: String, expected: String, origin: ConfigurationOrigin)
  /// A credential written where others read it: in the configuration file or on the command line.
  case inlineSecret(key: String, origin: ConfigurationOrigin)
  /// A secret and its `_file` are both set.
  case ambiguousSecret(key: String, origin: ConfigurationOrigin)
  case missingValue(key: String, environmentName: String)
  /// The program declares its settings wrongly: a defect of the program, not of the configuration.
  case invalidSchema(String)

  public var description: String {
    switch self {
    case .unreadableFile(let path, let reason):
      "cannot read the configuration file \(path): \(reason)"
    case .fileTooLarge(let path, let limit):
      "the configuration file \(path) is larger than \(limit) bytes"
    case .malformedFile(let path, let line, let problem):
      "\(path)\(line.map { ":\($0)" } ?? ""): \(problem)"
    case .unknownKey(let key, let origin, let nearest):
      "unknown configuration key \(key) (\(origin))" + (nearest.map { "; did you mean \($0)?" } ?? "")
    case .duplicateKey(let key, let origin, let first):
      "configuration key \(key) is set twice: at \(first) and at \(origin)"
    case .invalidValue(let key, let value, let expected, let origin):
      "configuration key \(key) is \(value) (\(origin)); expected \(expected)"
    case .inlineSecret(let key, let origin):
      "configuration key \(key) is a secret and must not be written out (\(origin)); "
        + "set \(key)_file to a file that holds it, or use the environment"
    case .ambiguousSecret(let key, let origin):
      "configuration keys \(key) and \(key)_file are both set (\(origin)); keep one"
    case .missingValue(let key, let environmentName):
      "configuration key \(key) must be set: in the configuration file, as \(environmentName) or as a flag"
    case .invalidSchema(let problem):
      "the program's configuration schema is wrong: \(problem)"
    }
  }
}
