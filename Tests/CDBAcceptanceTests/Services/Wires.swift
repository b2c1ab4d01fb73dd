import Glibc
import PostgresTesting
import RedisServerFixture

/// Wires that can be cut, between the parts of a ``ServiceStack``: of each stage to the bus, of db_writer to the store, and of
/// the gate to one stage.
final class Wires {
  private(set) var toBus: [String: CuttableWire] = [:]
  private(set) var toStore: CuttableWire?
  private(set) var toStage: CuttableWire?
  private let seenThrough: String?

  /// - Parameter seenThrough: the stage that the gate asks through a wire.
  init(seenThrough: String? = nil) { self.seenThrough = seenThrough }

  /// Strings those to the servers; gives the settings by stage that lead through them.
  func string(_ redis: RedisServer, _ postgres: PostgresServer, url: String, in folder: String) throws
    -> [String: [String: String]]
  {
    var own: [String: [String: String]] = [:]
    for stage in ServiceStack.stages {
      let wire = try CuttableWire(to: redis.port)
      toBus[stage] = wire
      own[stage] = ["bus.url": "redis://127.0.0.1:\(wire.port)"]
    }
    let wire = try CuttableWire(to: Int(postgres.port))
    toStore = wire
    let through = url.replacing(":\(postgres.port)/", with: ":\(wire.port)/")
    guard through != url else { throw ServiceStack.Unexpected(description: "no port in \(url)") }
    own["db_writer", default: [:]]["store.url_file"] = try ServiceStack.secret(through, in: folder, "far")
    return own
  }

  /// Strings the one to a stage; gives the port that leads through it.
  func seen(of stack: ServiceStack) throws -> [String: UInt16] {
    guard let seenThrough, let port = stack.ports[seenThrough] else { return [:] }
    let wire = try CuttableWire(to: Int(port))
    toStage = wire
    return [seenThrough: wire.port]
  }

  /// All to servers.
  var all: [CuttableWire] { ServiceStack.stages.compactMap { toBus[$0] } + [toStore].compactMap { $0 } }

  func close() {
    for wire in all { wire.close() }
    toStage?.close()
  }
}
