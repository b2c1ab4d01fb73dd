/// How a run ended.
public enum ServiceExit: Sendable {
  /// Everything stopped within the deadline.
  case drained
  /// A service threw; the others were drained.
  case failed(any Error)

  /// The process's exit code: 0 when drained, otherwise what the error asks for, otherwise 70
  /// (`EX_SOFTWARE` of sysexits.h).
  public var code: Int32 {
    switch self {
    case .drained: 0
    case .failed(let error): (error as? any ExitCodeProviding)?.exitCode ?? ExitCode.softwareError
    }
  }
}

/// The exit codes that this module itself gives.
public enum ExitCode {
  /// Wrong usage or configuration.
  public static let usage: Int32 = 2
  /// A defect; also a drain that missed its deadline.
  public static let softwareError: Int32 = 70
  /// Ended by a second signal: 128 and the signal's number, as shells report it.
  public static func signal(_ number: Int32) -> Int32 { 128 + number }
}

/// An error that knows which exit code it deserves.
public protocol ExitCodeProviding: Error {
  var exitCode: Int32 { get }
}

extension ConfigurationError: ExitCodeProviding {
  /// 2, or 70 for a schema that the program itself declares wrongly.
  public var exitCode: Int32 {
    if case .invalidSchema = self { ExitCode.softwareError } else { ExitCode.usage }
  }
}
