/// Why an endpoint does not listen.
public enum EndpointError: Error, Equatable, CustomStringConvertible, ExitCodeProviding {
  case addressInUse(ListenAddress)
  case cannotListen(ListenAddress, reason: String)
  /// It stopped before it listened.
  case stopped
  /// `run()` was called a second time.
  case alreadyRun
  /// Two routes have the same method and path.
  case duplicateRoute(method: String, path: String)

  public var description: String {
    switch self {
    case .addressInUse(let address): "\(address) is in use; choose another with --listen"
    case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
    case .stopped: "the endpoint stopped before it listened"
    case .alreadyRun: "the endpoint can run only once"
    case .duplicateRoute(let method, let path): "the route \(method) \(path) is declared twice"
    }
  }

  /// 2 for an address that cannot be had, 70 for a defect.
  public var exitCode: Int32 {
    switch self {
    case .addressInUse, .cannotListen: ExitCode.usage
    case .stopped, .alreadyRun, .duplicateRoute: ExitCode.softwareError
    }
  }
}
