import NIOCore
import NIOPosix

/// Connections to a Redis that are made anew when they end: to one server, to the master that sentinels know, or to the
/// nodes of a cluster.
///
/// A command whose answer did not come is reported with ``RedisError/Outcome/unknown`` and never sent again. What a
/// cluster redirected was not done, and is sent where it belongs. Attempts to connect are spaced by ``BackOff``:
/// whoever asks earlier waits.
public actor RedisClient {
  public nonisolated let address: RedisAddress
  public nonisolated let options: RedisOptions
  private let group: any EventLoopGroup
  private let clock: any Clock<Duration>
  private let random: @Sendable () -> UInt64

  private var connections: [RedisEndpoint: RedisConnection] = [:]
  private var dialing: [RedisEndpoint: Task<RedisConnection, any Error>] = [:]
  /// Where a cluster's slots are, as far as redirections have told.
  private var slots: [Int: RedisEndpoint] = [:]
  /// The master, as a sentinel told last.
  private var master: RedisEndpoint?
  private var backOff: BackOff
  /// How long the next attempt has to wait.
  private var pause: Duration?
  private var nextSeed = 0
  private var isClosed = false

  /// - Parameters:
  ///   - clock: what the pauses between attempts are measured with.
  ///   - random: 64 random bits a call, for the jitter.
  public init(
    _ address: RedisAddress, options: RedisOptions = RedisOptions(),
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, clock: any Clock<Duration>,
    random: @escaping @Sendable () -> UInt64
  ) {
    self.address = address
    self.options = options
    self.group = group
    self.clock = clock
    self.random = random
    backOff = options.backOff
  }

  /// A connection to where a key is, made if there is none; any where there is no key.
  ///
  /// One attempt. The next one after a failure waits first. A task that is cancelled does not wait for it.
  public func connection(for key: String? = nil) async throws(RedisError) -> RedisConnection {
    let wanted =
      switch address.form {
      case .single: address.endpoints[0]
      case .sentinel: try await currentMaster()
      case .cluster: node(for: key)
      }
    return try await connection(to: wanted)
  }

  private func connection(to endpoint: RedisEndpoint) async throws(RedisError) -> RedisConnection {
    guard !isClosed else { throw RedisError(.closed, address: endpoint.description) }
    if let connection = connections[endpoint], connection.isOpen { return connection }
    let task =
      dialing[endpoint]
      ?? Task { try await self.dial(endpoint) }
    dialing[endpoint] = task
    do {
      // Others may wait for the same attempt: it goes on when one of them leaves.
      return try await LeavableWait.value { try await task.value }
    } catch {
      throw RedisError(error, address: endpoint.description)
    }
  }

  private func dial(_ endpoint: RedisEndpoint) async throws -> RedisConnection {
    defer { dialing[endpoint] = nil }
    do {
      try await rest()
      let connection = try await RedisConnection.connect(
        to: endpoint, isSecure: address.isSecure, database: address.database, options: options, group: group)
      if case .sentinel = address.form { try await requireMaster(connection) }
      guard !isClosed else {
        await connection.close()
        throw RedisError(.closed, address: endpoint.description)
      }
      backOff.succeeded()
      connections[endpoint] = connection
      return connection
    } catch {
      failed(endpoint)
      throw error
    }
  }

  private func rest() async throws {
    guard let pause else { return }
    self.pause = nil
    try await clock.sleep(for: pause)
  }

  private func failed(_ endpoint: RedisEndpoint?) {
    pause = backOff.failed(random: random())
    master = nil
    guard let endpoint else { return }
    connections[endpoint] = nil
    for (slot, node) in slots where node == endpoint { slots[slot] = nil }
  }

  // MARK: Sentinel

  private func currentMaster() async throws(RedisError) -> RedisEndpoint {
    guard case .sentinel(let name) = address.form else { return address.endpoints[0] }
    if let master, connections[master]?.isOpen == true { return master }
    do { try await rest() } catch { throw RedisError(error, address: address.description) }
    var said: [String] = []
    for sentinel in address.endpoints {
      do throws(RedisError) {
        let connection = try await RedisConnection.connect(
          to: sentinel, isSecure: address.isSecure, options: options, sendsCredential: false, group: group)
        let answer: RedisValue
        do throws(RedisError) {
          answer = try await connection.call(RedisCommand("SENTINEL", "get-master-addr-by-name", name))
        } catch {
          await connection.close()
          throw error
        }
        await connection.close()
        guard let parts = answer.array, parts.count == 2, let host = parts[0].text,
          let port = parts[1].text.flatMap(UInt16.init), port > 0, !host.isEmpty
        else {
          said.append("\(sentinel) does not know it")
          continue
        }
        let found = RedisEndpoint(host: host, port: Int(port))
        master = found
        return found
      } catch {
        said.append("\(sentinel): \(error.detail)")
      }
    }
    failed(nil)
    throw RedisError(
      .noMaster, address: address.description, detail: "no master \(name): " + said.joined(separator: ", "))
  }

  /// A sentinel may name a master that has just become a replica.
  private func requireMaster(_ connection: RedisConnection) async throws(RedisError) {
    let role = try await connection.call(RedisCommand("ROLE")).array?.first?.text
    guard role != "master" else { return }
    await connection.close()
    throw RedisError(
      .readOnly, address: connection.endpoint.description, command: "ROLE",
      detail: "the server that a sentinel named is \(role ?? "something else") and no master")
  }

  // MARK: Cluster

  private func node(for key: String?) -> RedisEndpoint {
    if let key, let known = slots[KeySlot.of(key)] { return known }
    // A node that is out of reach is not the only one that knows the way.
    if let open = address.endpoints.first(where: { connections[$0]?.isOpen == true }) { return open }
    nextSeed += 1
    return address.endpoints[(nextSeed - 1) % address.endpoints.count]
  }

  /// Notes where a cluster has sent a command to, for the commands that follow.
  public func follow(_ refusal: RedisRefusal) {
    guard let redirection = refusal.redirection, redirection.isPermanent else { return }
    slots[redirection.slot] = redirection.endpoint
  }

  // MARK: Commands

  /// Sends commands as one to where the key is, and returns when there was room. Redirections are answers here; hand
  /// them to ``follow(_:)``.
  public func submit(
    _ commands: [RedisCommand], key: String? = nil, timeout: Duration? = nil
  ) async throws(RedisError) -> RedisReplies {
    try await connection(for: key).submit(commands, timeout: timeout)
  }

  /// Sends commands as one to where the key is, and waits for the answers, one a command; a refusal is an answer.
  /// What a cluster redirects is sent after it, in order.
  ///
  /// - Parameter key: of all the commands; those of several keys need the same slot.
  public func send(
    _ commands: [RedisCommand], key: String? = nil, timeout: Duration? = nil
  ) async throws(RedisError) -> [RedisValue] {
    var answers = try await connection(for: key).send(commands, timeout: timeout)
    guard address.form == .cluster else { return answers }
    for _ in 0..<5 {
      let sentElsewhere = answers.indices.filter { answers[$0].refusal?.redirection != nil }
      guard let first = sentElsewhere.first, let refusal = answers[first].refusal,
        let redirection = refusal.redirection
      else { return answers }
      follow(refusal)
      let connection = try await connection(to: redirection.endpoint)
      var again: [RedisCommand] = []
      for index in sentElsewhere {
        if !redirection.isPermanent { again.append(RedisCommand("ASKING")) }
        again.append(commands[index])
      }
      let second = try await connection.send(again, timeout: timeout)
      let step = redirection.isPermanent ? 1 : 2
      for (place, index) in sentElsewhere.enumerated() { answers[index] = second[place * step + step - 1] }
    }
    return answers
  }

  /// Sends one command; a refusal is thrown.
  public func call(
    _ command: RedisCommand, key: String? = nil, timeout: Duration? = nil
  ) async throws(RedisError) -> RedisValue {
    let value = try await send([command], key: key, timeout: timeout).first ?? .null
    if let refusal = value.refusal {
      throw RedisError(refusal, address: address.description, command: command.name)
    }
    return value
  }

  /// Ends all connections, for good.
  public func close() async {
    isClosed = true
    let open = connections.values
    connections = [:]
    for connection in open { await connection.close() }
  }
}
