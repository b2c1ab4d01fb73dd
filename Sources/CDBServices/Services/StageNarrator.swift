import CDBDomain
import CDBPipeline
import ServiceLifecycle
import ServiceRuntime

/// Says in a line what the process of a stage waits for before it can work, and in another that it has come. What lasts less than
/// a moment is not worth a line.
struct StageNarrator: Service {
  static let interval = Duration.milliseconds(250)
  static let patience = Duration.seconds(1)

  let stage: StageName
  let part: @Sendable () -> ServicePart
  var say: @Sendable (String) -> Void = { PersonalOutput.warn("cdb: \($0)") }

  func run() async throws {
    let clock = ContinuousClock()
    var waitsSince: ContinuousClock.Instant?
    var isTold = false
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      if let words = Self.words(part()) {
        let since = waitsSince ?? clock.now
        waitsSince = since
        if !isTold, clock.now - since >= Self.patience {
          say("\(stage.commandName) \(words)")
          isTold = true
        }
      } else {
        if isTold { say("\(stage.commandName) works") }
        isTold = false
        waitsSince = nil
      }
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
    }
    // A process that ends at once has said what it waited for, too.
    if !isTold, let words = Self.words(part()) { say("\(stage.commandName) \(words)") }
  }

  /// What a process waits for; nil where it works.
  static func words(_ part: ServicePart) -> String? {
    if let owner = part.standsBy { return "stands by: \(owner)" }
    return part.busFailure.map { "waits: \($0)" }
  }
}

/// db_writer was not told which store is its own.
struct MissingStore: Error, CustomStringConvertible, ExitCodeProviding {
  var exitCode: Int32 { 2 }
  var description: String {
    "store.url is missing: db-writer needs the PostgreSQL database of this pipeline; name it with --set store.url_file=FILE, or "
      + "with CDB_STORE_URL"
  }
}
