/// Where a value came from, as an operator would look for it.
public enum ConfigurationOrigin: Equatable, Sendable, CustomStringConvertible {
  case `default`
  /// The line counts from 1.
  case file(path: String, line: Int)
  case environment(name: String)
  /// The flag's name without dashes.
  case flag(name: String)
  /// By its key on the command line, as `--set key=value`.
  case assignment(key: String)

  public var description: String {
    switch self {
    case .default: "default"
    case .file(let path, let line): "\(path):\(line)"
    case .environment(let name): "environment \(name)"
    case .flag(let name): "flag --\(name)"
    case .assignment(let key): "--set \(key)"
    }
  }
}
