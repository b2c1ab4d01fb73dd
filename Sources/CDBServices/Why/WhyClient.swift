import CDBDomain
import CDBGate
import Foundation
import HTTPTransport
import ServiceRuntime

/// A running service does not answer.
public struct ServiceOutOfReach: Error, CustomStringConvertible, ExitCodeProviding {
  /// How far a question came that was not answered.
  public enum Reach: Sendable, Hashable {
    /// Nobody takes connections there.
    case nobody
    /// Somebody took the connection, or the system for him, and did not answer.
    case silent
    /// Neither is known.
    case unknown
  }

  public var address: String
  public var reason: String
  /// How far the question came.
  public var reach = Reach.unknown
  /// The change that was asked for: it was sent, and the answer did not come.
  public var sent: String?
  /// Whether what was sent is done however late the service comes to it.
  public var isDoneLate = true
  /// Who holds the data directory of whoever asks; nil where nobody does, and where that is not known.
  public var holder: DataDirectoryHolder?
  public var exitCode: Int32 { 3 }
  public var description: String {
    if let sent {
      "\(sent) was sent to \(address), and no answer came (\(reason)): it may "
        + (isDoneLate ? "still take effect" : "have taken effect by now, and will not later")
        + "; see what holds with `cdb why` and `cdb gate history`"
        + (holder.map { $0.isStopped ? "; process \($0.process) holds \($0.directory): \($0.advice)" : "" }
          ?? "")
    } else if let holder {
      "\(finding) (\(reason)), and process \(holder.process) holds \(holder.directory): \(holder.advice)"
    } else {
      "\(finding) (\(reason)); \(advice)"
    }
  }

  /// What is known.
  private var finding: String {
    switch reach {
    case .nobody: "nothing listens at \(address)"
    case .silent: "something listens at \(address) and does not answer"
    case .unknown: "nothing answers at \(address)"
    }
  }

  private var portFilter: String { ListenAddress(address).map { " 'sport = :\($0.port)'" } ?? "" }

  /// What to do where nobody holds the data directory, and how to come to know more.
  private var advice: String {
    switch reach {
    case .nobody, .unknown:
      "start it with `cdb run` (services: `cdb gate serve` or `make stack`), or name it with --listen; with the --data-dir of "
        + "one that may run, the process that holds it is named"
    case .silent:
      "it hangs, or it was stopped and goes on with `kill -CONT PID`: with its --data-dir the process is named and how it "
        + "is, and by `ss -ltnp\(portFilter)` which one listens there"
    }
  }
}

extension ServiceOutOfReach.Reach {
  /// As far as an error tells.
  init(_ error: HTTPTransportError) {
    self =
      switch error {
      case .cannotConnect: .nobody
      case .timedOut where error.isAfterConnecting: .silent
      default: .unknown
      }
  }
}

/// Something answered that is no service of ours, or none that was asked for.
public struct OtherService: Error, CustomStringConvertible, ExitCodeProviding {
  public var address: String
  public var reason: String
  public var exitCode: Int32 { 3 }
  public var description: String {
    "what answers at \(address) is not what was asked for (\(reason)); name the run with --listen, or, where the stages "
      + "are services, the gate service (`make stack` has it at 127.0.0.1:8004)"
  }
}

/// A running service answered, and the answer is no.
public struct ServiceRefused: Error, CustomStringConvertible, ExitCodeProviding {
  public var operation: String
  public var message: String
  public var exitCode: Int32
  /// Of the answer; nil where none was asked for.
  public var status: Int?
  public var description: String { "\(operation): \(message)" }
}

/// Asks a running service through its public API.
public struct ServiceClient: Sendable {
  private let address: ListenAddress
  private let token: (any SecretSource)?
  private let hostName: String?
  private let kept: HTTPClient?
  private let patience: Duration?
  private let dataDirectory: String?

  /// - Parameters:
  ///   - address: where the service listens. One that listens everywhere is asked on loopback.
  ///   - token: what changing operations are asked with.
  ///   - hostName: the name to ask by, where the service answers to other names than its address.
  ///   - client: for who asks often; one of its own for each question where nil.
  ///   - patience: the longest that an answer may take; as long as a person waits where nil.
  ///   - dataDirectory: where the service keeps its state, if it is on this machine: where nothing answers, it is said who
  ///     holds that.
  public init(
    address: ListenAddress, token: (any SecretSource)? = nil, hostName: String? = nil,
    client: HTTPClient? = nil, patience: Duration? = nil, dataDirectory: String? = nil
  ) {
    self.dataDirectory = dataDirectory
    self.address = Self.reachable(address)
    self.token = token
    self.hostName = hostName
    kept = client
    self.patience = patience
  }

  /// An address that can be connected to, for one that is listened on.
  static func reachable(_ address: ListenAddress) -> ListenAddress {
    switch address.host {
    case "0.0.0.0": ListenAddress(host: "127.0.0.1", port: address.port)
    case "::", "[::]": ListenAddress(host: "::1", port: address.port)
    default: address
    }
  }

  /// The JSON that a read operation answers.
  public func read(_ operation: String, query: [String: String] = [:]) async throws -> [UInt8] {
    let items = query.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.escaped($0.value))" }.joined(
      separator: "&")
    return try await send(
      operation,
      HTTPRequest(
        url: "http://\(address)/api/v1/\(operation)" + (items.isEmpty ? "" : "?" + items),
        timeouts: HTTPTimeouts(connect: .seconds(1), total: .seconds(5))))
  }

  private static func escaped(_ value: String) -> String {
    value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }

  /// The longest that a change may take.
  private static let longestChange = Duration.seconds(10)

  /// Asks for a change, and gives the JSON of its answer.
  ///
  /// - Parameter isDoneLate: whether it is right however late the service comes to it, as a stop is; anything else is not done
  ///   once nobody waits for the answer any more.
  public func change(
    _ operation: String, _ input: some Encodable, isDoneLate: Bool = false
  ) async throws -> [UInt8] {
    var headers = [(name: "Content-Type", value: "application/json")]
    if let token {
      do {
        try token.secret().withExposed { headers.append(("Authorization", "Bearer \($0)")) }
      } catch {
        throw ServiceRefused(
          operation: operation, message: "\(error); name the run's --data-dir", exitCode: 2)
      }
    }
    if !isDoneLate, let deadline = try await deadline() {
      headers.append((ServiceInstant.deadlineField, deadline.description))
    }
    return try await send(
      operation,
      HTTPRequest(
        method: "POST", url: "http://\(address)/api/v1/\(operation)", headers: headers,
        body: Array(try JSONEncoder().encode(input)),
        timeouts: HTTPTimeouts(connect: .seconds(1), total: Self.longestChange)), isDoneLate: isDoneLate)
  }

  /// Until when somebody waits here, by the service's own clock; nil where it shows none.
  private func deadline() async throws(ServiceOutOfReach) -> ServiceInstant? {
    let answer = try await respond(
      to: HTTPRequest(
        url: "http://\(address)/readyz", timeouts: HTTPTimeouts(connect: .seconds(1), total: .seconds(5))))
    return answer.header(ServiceInstant.field).flatMap { ServiceInstant($0) }?
      .advanced(by: patience ?? Self.longestChange)
  }

  /// - Parameter change: the operation, where it changes something.
  private func respond(
    to request: HTTPRequest, change: String? = nil, isDoneLate: Bool = true
  ) async throws(ServiceOutOfReach) -> HTTPResponse {
    let client = kept ?? HTTPClient()
    defer { if kept == nil { client.shutdown() } }
    var request = request
    if let patience { request.timeouts = HTTPTimeouts(connect: min(.seconds(1), patience), total: patience) }
    if let hostName { request.headers.append((name: "Host", value: hostName)) }
    do {
      return try await client.send(request)
    } catch {
      let isUnknown = if case .timedOut = error { true } else { false }
      throw ServiceOutOfReach(
        address: address.description, reason: "\(error)", reach: ServiceOutOfReach.Reach(error),
        sent: isUnknown ? change : nil, isDoneLate: isDoneLate,
        holder: dataDirectory.flatMap { DataDirectoryHolder.find(in: $0) })
    }
  }

  private func send(
    _ operation: String, _ request: HTTPRequest, isDoneLate: Bool = true
  ) async throws -> [UInt8] {
    let response = try await respond(
      to: request, change: request.method == "POST" ? operation : nil, isDoneLate: isDoneLate)
    guard response.status != 200 else { return response.body }
    struct Failure: Decodable {
      struct Detail: Decodable { var message: String }
      var error: Detail
    }
    guard let failure = try? JSONDecoder().decode(Failure.self, from: Data(response.body)) else {
      throw OtherService(address: address.description, reason: "HTTP status \(response.status)")
    }
    if response.status == 404, failure.error.message == UnmatchedPath.message {
      throw OtherService(address: address.description, reason: "it has no \(operation)")
    }
    // What the service does not allow now is an answer; what it does not understand or permit is wrong usage.
    let answersNo = response.status == 404 || response.status == 409
    throw ServiceRefused(
      operation: operation, message: failure.error.message,
      exitCode: answersNo ? 1 : response.status == 503 ? 3 : 2, status: response.status)
  }

  /// Whether the service does its work, or, with `readiness`, whether it can be used.
  ///
  /// - Throws: ``ServiceOutOfReach`` where nothing answers within `patience`, or something that is no service of ours.
  public func health(readiness: Bool, patience: Duration) async throws(ServiceOutOfReach) -> HealthReport {
    let response = try await respond(
      to: HTTPRequest(
        url: "http://\(address)/\(readiness ? "readyz" : "healthz")",
        timeouts: HTTPTimeouts(connect: min(.seconds(1), patience), total: patience)))
    guard [200, 503].contains(response.status),
      let report = try? JSONDecoder().decode(HealthReport.self, from: Data(response.body))
    else { throw ServiceOutOfReach(address: address.description, reason: "the answer is not cdb's") }
    return report
  }

  /// What the answers were.
  ///
  /// - Parameter since: how far back, such as `24h`.
  public func timeline(since: String) async throws -> TimelineReport {
    try await decoded(TimelineReport.self, of: "why.timeline", query: ["since": since])
  }

  /// Where the service shows a playbook to a browser.
  ///
  /// - Parameter name: of its page, such as `silent_feed`.
  public func playbookAddress(_ name: String, in language: Language) -> String {
    "http://\(address)/\(Playbook.path(of: name, in: language))"
  }

  public func why() async throws -> Diagnosis { try await decoded(Diagnosis.self, of: "why") }

  /// What a read operation answers, as a value.
  ///
  /// - Throws: ``OtherVersion`` where a service of ours answered in the form of another version, ``OtherService`` where it was none
  ///   of ours, and what ``read(_:query:)`` throws.
  public func decoded<Value: Decodable>(
    _ type: Value.Type, of operation: String, query: [String: String] = [:]
  ) async throws -> Value {
    let body = try await read(operation, query: query)
    do {
      return try JSONDecoder().decode(type, from: Data(body))
    } catch {
      guard let error = error as? DecodingError, let detail = OtherVersion.Detail(error, in: body) else {
        throw OtherService(address: address.description, reason: "the answer is not cdb's")
      }
      throw OtherVersion(address: address.description, operation: operation, detail: detail)
    }
  }
}
