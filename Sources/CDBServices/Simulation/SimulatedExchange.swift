import CDBDomain
import CDBPipeline
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// An exchange on loopback that speaks Binance's protocol: combined and raw streams, requests, pings, and the
/// part of REST that a client of market data needs. Several clients see one market, of a seed or of recorded frames,
/// whose time begins with the first subscription. It misbehaves on command, and knows exactly what it sent.
public final class SimulatedExchange: Service, Sendable {
  let options: ExchangeOptions
  private let core: Mutex<ExchangeCore>
  private let server: ExchangeServer

  private init(_ options: ExchangeOptions, _ server: ExchangeServer) throws {
    self.options = options
    self.server = server
    core = Mutex(try ExchangeCore(options, start: ProcessClock.wall()))
  }

  /// Takes the port; nobody is served before ``run()``.
  ///
  /// - Throws: where the port is taken, a recording or a certificate cannot be read.
  public static func bind(_ options: ExchangeOptions) async throws -> SimulatedExchange {
    try SimulatedExchange(options, try await ExchangeServer.bind(options))
  }

  /// Where it listens.
  public var port: Int { server.port }
  public var webSocketURL: String { "\(options.tls == nil ? "ws" : "wss")://\(options.host):\(port)" }
  public var restURL: String { "\(options.tls == nil ? "http" : "https")://\(options.host):\(port)" }

  /// What was sent and kept back so far.
  public var ledger: ExchangeLedger { core.withLock { $0.ledger } }

  /// Whether a recorded market has come to its end.
  public var hasEnded: Bool { core.withLock { $0.hasEnded } }

  /// Seconds of the market's time.
  public var elapsed: Double { core.withLock { $0.seconds(at: .now) } }

  /// Faults to come, their starts counted from now.
  public func inject(_ faults: [Fault]) { core.withLock { $0.inject(faults, at: .now) } }

  /// Serves until the task is cancelled or the services are drained.
  public func run() async throws {
    try await cancelWhenGracefulShutdown { [self] in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await self.trade() }
        group.addTask { try await self.server.serve(self) }
        defer { group.cancelAll() }
        while let result = await group.nextResult() {
          if case .failure(let error) = result, !Task.isCancelled { throw error }
        }
      }
    }
  }

  /// Brings the market to its clients.
  private func trade() async throws {
    let waits = !options.speed.isFinite
    while !Task.isCancelled {
      switch try core.withLock({ try $0.step(at: .now) }) {
      case .wait(.zero): continue
      case .wait(let duration): try await Task.sleep(for: duration)
      case .send(let item, let connections):
        for connection in connections { await connection.offer(item, waits: waits) }
      case .end(let connections, let kind):
        for connection in connections { connection.end(kind.rawValue, abruptly: kind == .reset) }
      }
    }
  }

  // MARK: For its connections

  func update(_ change: (inout ExchangeCore) -> Void) { core.withLock { change(&$0) } }
  func faults(at instant: ContinuousClock.Instant) -> [Fault] { core.withLock { $0.faults(at: instant) } }
  func isActive(_ kind: Fault.Kind) -> Bool { core.withLock { $0.isActive(kind, at: .now) } }
  func begin() { core.withLock { $0.begin(at: .now, wall: ProcessClock.wall()) } }
  func snapshot(of id: InstrumentID, limit: Int, isFirst: Bool) -> [UInt8]? {
    core.withLock { $0.snapshot(of: id, limit: limit, isFirst: isFirst) }
  }

  /// Serves one client of the streams to its end.
  func serve(_ channel: ExchangeConnection.Channel, target: String) async {
    let connection = core.withLock { core in
      let connection = ExchangeConnection(
        number: core.admit(), target: target, exchange: self, channel: channel)
      core.connections[connection.number] = connection
      return connection
    }
    if connection.hasSubscriptions { begin() }
    await connection.run()
  }
}
