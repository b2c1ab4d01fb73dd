import CPQ

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A connection, used by one thread at a time. Every wait is for the socket, the deadline and the interruption at once.
///
/// Once an error ``PostgresError/endsConnection``, it is of no use any more.
public final class PostgresConnection {
  let handle: OpaquePointer
  public let place: String
  /// How long the server may be silent while it owes an answer: what it allows itself, and a little.
  private let patience: Duration
  private let interruption: Relay
  private var prepared: [String: String] = [:]
  private let clock = ContinuousClock()

  /// Connects.
  init(_ settings: PostgresSettings, interruption: Relay) throws(PostgresError) {
    place = settings.place
    patience = .milliseconds(settings.statementTimeout) + .seconds(5)
    self.interruption = interruption
    let parameters = try settings.parameters()
    let names = parameters.map { strdup($0.name) } + [nil]
    let values = parameters.map { strdup($0.value) } + [nil]
    let started = names.map { UnsafePointer($0) }.withUnsafeBufferPointer { names in
      values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
        PQconnectStartParams(names.baseAddress, values.baseAddress, 0)
      }
    }
    for text in names + values { free(text) }
    guard let started else {
      throw PostgresError(.cannotConnect, place: settings.place, reason: "no memory for a connection")
    }
    handle = started
    try establish(until: clock.now + .seconds(settings.connectTimeout))
    guard PQsetnonblocking(handle, 1) == 0 else { throw lost() }
    for statement in settings.setup { _ = try run([PostgresStatement(statement)]) }
  }

  deinit { PQfinish(handle) }

  private func establish(until deadline: ContinuousClock.Instant) throws(PostgresError) {
    var state = PGRES_POLLING_WRITING
    while state != PGRES_POLLING_OK {
      guard PQstatus(handle) != CONNECTION_BAD, state != PGRES_POLLING_FAILED else {
        throw failedToConnect()
      }
      let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
      guard try wait(for: Int16(events), until: deadline) else {
        throw PostgresError(.cannotConnect, place: place, reason: "no connection within the time allowed")
      }
      state = PQconnectPoll(handle)
    }
  }

  /// libpq does not say by number why a server let nobody in.
  private func failedToConnect() -> PostgresError {
    let reason = words
    let refusals = [
      "authentication", "no pg_hba.conf entry", "does not exist", "permission denied for database",
    ]
    let isRefusal =
      reason.contains("no password supplied")
      || reason.contains("FATAL") && refusals.contains { reason.contains($0) }
    return PostgresError(isRefusal ? .notAdmitted : .cannotConnect, place: place, reason: reason)
  }

  /// libpq's words for what is wrong, on one line.
  private var words: String {
    let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
    let line = text.split(whereSeparator: \.isNewline)
      .map { String($0.drop { $0 == " " || $0 == "\t" }) }.joined(separator: "; ")
    return line.isEmpty ? "the connection broke" : line
  }

  private func lost() -> PostgresError { PostgresError(.connectionLost, place: place, reason: words) }

  /// Waits for the socket; false where the deadline came first.
  private func wait(
    for events: Int16, until deadline: ContinuousClock.Instant
  ) throws(PostgresError) -> Bool {
    while true {
      let left = (deadline - clock.now) / .milliseconds(1)
      guard left > 0 else { return false }
      let socket = PQsocket(handle)
      guard socket >= 0 else { throw lost() }
      var waited = [
        pollfd(fd: socket, events: events, revents: 0),
        pollfd(fd: interruption.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let ready = poll(&waited, 2, Int32(min(left.rounded(.up), 60_000)))
      guard !interruption.isInterrupted else { throw interrupted() }
      if ready > 0, waited[0].revents != 0 { return true }
    }
  }

  /// Asks the server to end what it does for this session, which nobody waits for any more.
  private func interrupted() -> PostgresError {
    if PQtransactionStatus(handle) == PQTRANS_ACTIVE, let cancel = PQgetCancel(handle) {
      CancelRequest(cancel).send()
    }
    return PostgresError(.cancelled, place: place, reason: "cancelled")
  }

  private func flush() throws(PostgresError) {
    while true {
      let left = PQflush(handle)
      if left == 0 { return }
      guard left > 0 else { throw lost() }
      guard try wait(for: Int16(POLLOUT | POLLIN), until: clock.now + patience) else { throw silent() }
      // The server may wait for us to read before it reads on.
      guard PQconsumeInput(handle) == 1 else { throw lost() }
    }
  }

  private func silent() -> PostgresError {
    PostgresError(.connectionLost, place: place, reason: "the server has not answered in time")
  }

  /// The next result, which the caller frees; nil at the end of a statement's.
  ///
  /// - Parameter failure: what the server has said already; where the connection ends, that is why.
  private func next(after failure: PostgresError? = nil) throws(PostgresError) -> OpaquePointer? {
    while PQisBusy(handle) == 1 {
      guard try wait(for: Int16(POLLIN), until: clock.now + patience) else { throw silent() }
      guard PQconsumeInput(handle) == 1 else { throw failure ?? lost() }
    }
    return PQgetResult(handle)
  }

  private func error(in result: OpaquePointer) -> PostgresError {
    guard let state = cpq_sql_state(result).map({ String(cString: $0) }) else { return lost() }
    var reason = cpq_message(result).map { String(cString: $0) } ?? words
    if let detail = cpq_detail(result) { reason += " (\(String(cString: detail)))" }
    return PostgresError(PostgresError.kind(ofState: state), place: place, reason: reason, sqlState: state)
  }

  private func send(_ statement: PostgresStatement, as name: String?) throws(PostgresError) {
    let values = statement.parameters.map { parameter in
      parameter.bytes.map { bytes -> UnsafeMutablePointer<CChar> in
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
        bytes.withUnsafeBytes { source in
          if let start = source.baseAddress { memcpy(copy, start, source.count) }
        }
        copy[bytes.count] = 0
        return copy
      }
    }
    defer { for value in values { value?.deallocate() } }
    let count = Int32(statement.parameters.count)
    let pointers = values.map { UnsafePointer($0) }
    let lengths = statement.parameters.map { Int32($0.bytes?.count ?? 0) }
    let formats = statement.parameters.map { Int32($0.isBinary ? 1 : 0) }
    let sent =
      if let name {
        PQsendQueryPrepared(handle, name, count, pointers, lengths, formats, 0)
      } else {
        PQsendQueryParams(
          handle, statement.sql, count, statement.parameters.map(\.type), pointers, lengths, formats, 0)
      }
    guard sent == 1 else { throw lost() }
  }

  /// Runs a statement and hands over its rows as they arrive; whatever their number, they take no memory. An error of
  /// `body` ends the statement.
  public func query(_ statement: PostgresStatement, _ body: (PostgresRow) throws -> Void) throws {
    try send(statement, as: nil)
    PQsetSingleRowMode(handle)
    try flush()
    var failure: (any Error)?
    while let result = try next(after: failure as? PostgresError) {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_SINGLE_TUPLE:
        guard failure == nil else { continue }
        do { try body(PostgresRow(result: result, index: 0)) } catch { failure = error }
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: continue
      default: failure = failure ?? error(in: result)
      }
    }
    if let failure { throw failure }
  }

  /// Sends statements at once and waits for all answers: one way there and back. The first that is refused ends those
  /// behind it.
  @discardableResult
  public func run(_ statements: [PostgresStatement]) throws(PostgresError) -> [PostgresResult] {
    guard PQenterPipelineMode(handle) == 1 else { throw lost() }
    var fresh: [String: String] = [:]
    var answers: [(isPreparation: Bool, sql: String)] = []
    for statement in statements {
      var name: String?
      if statement.isPrepared {
        name = prepared[statement.sql] ?? fresh[statement.sql]
        if name == nil {
          let chosen = "s\(prepared.count + fresh.count + 1)"
          let types = statement.parameters.map(\.type)
          guard PQsendPrepare(handle, chosen, statement.sql, Int32(types.count), types) == 1 else {
            throw lost()
          }
          fresh[statement.sql] = chosen
          name = chosen
          answers.append((true, statement.sql))
        }
      }
      try send(statement, as: name)
      answers.append((false, statement.sql))
    }
    guard PQpipelineSync(handle) == 1 else { throw lost() }
    try flush()
    let (results, failure) = try collect(answers, fresh)
    guard PQexitPipelineMode(handle) == 1 else { throw lost() }
    if let failure { throw failure }
    return results
  }

  /// Reads the answers of a pipeline to its end.
  private func collect(
    _ answers: [(isPreparation: Bool, sql: String)], _ fresh: [String: String]
  ) throws(PostgresError) -> ([PostgresResult], PostgresError?) {
    var results: [PostgresResult] = []
    var failure: PostgresError?
    for answer in answers {
      var outcome = PostgresResult()
      while let result = try next(after: failure) {
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        // libpq keeps to single rows for the first statement behind a query that had them.
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_SINGLE_TUPLE:
          if answer.isPreparation { prepared[answer.sql] = fresh[answer.sql] }
          if PQresultStatus(result) != PGRES_SINGLE_TUPLE {
            outcome.changed += PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
          }
          for row in 0..<PQntuples(result) {
            let row = PostgresRow(result: result, index: row)
            outcome.rows.append((0..<row.count).map { row.text($0) })
          }
        case PGRES_PIPELINE_ABORTED: continue
        default: failure = failure ?? error(in: result)
        }
      }
      guard PQstatus(handle) != CONNECTION_BAD else { throw failure ?? lost() }
      if !answer.isPreparation { results.append(outcome) }
    }
    while let result = try next(after: failure) {
      let isEnd = PQresultStatus(result) == PGRES_PIPELINE_SYNC
      PQclear(result)
      if isEnd { break }
    }
    return (results, failure)
  }

  /// Whether a transaction is open, or has failed and waits for its end.
  public var isInTransaction: Bool {
    let status = PQtransactionStatus(handle)
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
  }

  var isUsable: Bool { PQstatus(handle) == CONNECTION_OK && PQtransactionStatus(handle) == PQTRANS_IDLE }
}
