/// A handler that the factory made for one child of a family.
enum Handler: Sendable {
  case counter(CountingHandler)
  case gauge(LevelHandler)
  case recorder(DistributionHandler)
  case timer(DurationHandler)

  var identity: ObjectIdentifier {
    switch self {
    case .counter(let handler): ObjectIdentifier(handler)
    case .gauge(let handler): ObjectIdentifier(handler)
    case .recorder(let handler): ObjectIdentifier(handler)
    case .timer(let handler): ObjectIdentifier(handler)
    }
  }
}
