import Foundation
import Glibc
import LoopbackPorts

/// One run with a market of its own: an exchange in another process, behind a cable that can be cut, and disks that can
/// be filled. All of it is this value's, and ends with ``withOutsideWorld(_:_:)``.
actor OutsideWorld {
  struct Options: Sendable {
    var disk = DiskKind.memory
    /// Of the run, beside those that every world has.
    var settings: [String] = []
    var environment: [String: String] = [:]
  }

  /// What the run says, seen from outside.
  enum Look: Sendable {
    case answer(OutsideAnswer)
    /// Nothing answers: in words why not.
    case nothing(String)
  }

  nonisolated let folder: String
  nonisolated let disk: OutsideDisk
  nonisolated let wire: Wire?
  nonisolated let port: UInt16
  private let exchangePort: UInt16
  private let options: Options
  private(set) var exchange: ChildProcess?
  private(set) var run: ChildProcess?
  private var threads: StoppedThreads?
  /// Processes that stand in the run's way.
  var others: [ChildProcess] = []

  nonisolated var data: String { disk.path }
  nonisolated var host: String { wire?.door ?? "127.0.0.1" }
  private nonisolated var market: String { "\(wire?.market ?? "127.0.0.1"):\(exchangePort)" }

  init(in folder: String, disk: OutsideDisk, wire: Wire?, options: Options) throws {
    self.folder = folder
    self.disk = disk
    self.wire = wire
    self.options = options
    port = try FreePort.next()
    exchangePort = try FreePort.next()
  }

  // MARK: Processes

  func startExchange() async throws {
    let child = try ChildProcess(
      Surroundings.binary,
      ["exchange", "--listen", market, "--profile", "demo"]
        + Self.set(["log.directory=\(folder)/exchange", "http.allowed_hosts=\(wire?.market ?? "127.0.0.1")"]),
      in: folder)
    exchange = child
    let host = wire?.market ?? "127.0.0.1"
    _ = try await eventually("the exchange answers; \(child.errors.suffix(400))") {
      try? await HTTP.get(exchangePort, "/api/v3/time", host: host)
    }
  }

  /// Starts the run, and does not wait for it.
  func startRun() throws {
    let command =
      (wire?.entry ?? []) + [
        Surroundings.binary, "run", "--feed", "binance", "--profile", "demo", "--listen", "0.0.0.0:\(port)",
        "--data-dir", data,
      ]
      + Self.set(
        [
          "http.allowed_hosts=127.0.0.1,\(host)", "feed.binance.websocket_url=ws://\(market)",
          "feed.binance.rest_url=http://\(market)",
          // Small segments, so that new ones are needed while a test looks; and what was logged of a fault counts for
          // as long as a test can wait.
          "journal.segment_bytes=65536", "gate.error_window=3s",
        ] + options.settings)
    run = try ChildProcess(
      command[0], Array(command.dropFirst()), in: folder, environment: options.environment)
  }

  private static func set(_ settings: [String]) -> [String] { settings.flatMap { ["--set", $0] } }

  func signalRun(_ signal: Int32) { run?.send(signal) }
  func signalExchange(_ signal: Int32) { exchange?.send(signal) }

  func killRun() async { await run?.end() }
  func killExchange() async { await exchange?.end() }

  /// Ends the run as an operator does, and waits for it; one that does not end in time is killed.
  func stopRun() async -> ChildProcess.Exit? {
    run?.send(SIGTERM)
    let exit = try? await run?.exit()
    await run?.end()
    return exit
  }

  func restartRun() async throws {
    _ = await stopRun()
    try startRun()
  }

  func stopThreads(named suffix: String) async throws {
    guard let run else { return }
    threads = try await StoppedThreads(of: run.pid, named: suffix, in: folder)
  }

  func releaseThreads() async {
    await threads?.release()
    threads = nil
  }

  // MARK: Answers

  /// Asks `GET /api/v1/why` once.
  func look() async -> Look {
    if let run, let exit = run.exit {
      let told = run.errors.split(separator: "\n").last { !$0.hasPrefix("{") }
      return .nothing("ended: \(exit): \(told ?? "")")
    }
    do {
      let answer = try await HTTP.get(port, "/api/v1/why", timeout: .seconds(2), host: host)
      return .answer(try answer.json(as: OutsideAnswer.self))
    } catch {
      return .nothing("\(error)")
    }
  }

  /// Asks as a person does: with the command, in a process of its own.
  func why(_ options: [String] = ["--json"]) async throws -> CDB.Finished {
    try await CDB.run(["why", "--listen", "\(host):\(port)"] + options, in: folder)
  }

  /// Looks until `condition` holds, and gives what it then saw.
  func sees(
    _ what: String, within limit: Duration = .patience, _ condition: @Sendable (OutsideAnswer) -> Bool
  ) async throws -> OutsideAnswer {
    var last = Look.nothing("not looked yet")
    return try await eventually("\(what); it says \(last)", within: limit, every: .milliseconds(50)) {
      last = await look()
      guard case .answer(let answer) = last, condition(answer) else { return nil }
      return answer
    }
  }

  /// Ends everything, in an order in which nothing can wait for what is stopped.
  func end() async {
    await releaseThreads()
    await unlockStore()
    for child in [run, exchange] {
      child?.send(SIGCONT)
      child?.send(SIGKILL)
    }
    try? await feed()
    if disk.kind == .image { try? await disk.thaw() }
    await run?.end()
    await exchange?.end()
  }
}

/// What `GET /api/v1/why` says, as far as tests look at it.
struct OutsideAnswer: Decodable, Sendable {
  struct Gate: Decodable, Sendable {
    var state: String
    var reason: String
    var awaits_person: String?
  }
  var trading: Bool
  var verdict: String
  var summary: String
  var layer: String?
  var reason: String?
  /// Nil where the run does not say.
  var cause_known: Bool?
  var gate: Gate?

  var isOpen: Bool { gate?.state == "open" }
}

/// Makes a world for `body`, with the exchange running and the run not started yet; takes it down however `body` ends.
func withOutsideWorld<T: Sendable>(
  _ options: OutsideWorld.Options = OutsideWorld.Options(), isolation: isolated (any Actor)? = #isolation,
  _ body: (OutsideWorld) async throws -> T
) async throws -> T {
  try await withTemporaryDirectory { folder in
    let wire = Wire.isPossible ? try await Wire.lay() : nil
    do {
      let disk = try await OutsideDisk.make(Surroundings.isRoot ? options.disk : .plain, in: folder)
      do {
        let world = try OutsideWorld(in: folder, disk: disk, wire: wire, options: options)
        do {
          try await world.startExchange()
          let result = try await body(world)
          await world.end()
          await disk.remove()
          await wire?.remove()
          return result
        } catch {
          await world.end()
          throw error
        }
      } catch {
        await disk.remove()
        throw error
      }
    } catch {
      await wire?.remove()
      throw error
    }
  }
}
