// A service in a process of its own, for the tests of signals and exit codes.
// Usage: drain-fixture clean|stuck|blocked|fails|returns <seconds of the drain deadline>
// Prints "listening <port>" once it listens, takes signals and behaves as it is told to.

import Dispatch
import Logging
import ServiceLifecycle
import ServiceRuntime
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

struct Failure: Error {}

struct FixtureService: Service {
  let behaviour: String
  let endpoint: ServiceEndpoint
  private static let taken = Atomic(0)

  func run() async throws {
    // The runner takes the signals before it starts any service.
    let port = try await endpoint.address.port
    if behaviour == "blocked" { return await block(port) }
    say("listening \(port)")
    switch behaviour {
    case "fails": throw Failure()
    case "returns": return
    case "stuck": while true { try? await Task.sleep(for: .seconds(3600)) }
    default: try await gracefulShutdown()
    }
  }

  /// Takes every thread of the concurrency pool, and speaks when it has them.
  private func block(_ port: Int) async {
    let threads = sysconf(CInt(_SC_NPROCESSORS_ONLN))
    await withDiscardingTaskGroup { group in
      for _ in 0..<max(64, threads) {
        group.addTask {
          if Self.taken.wrappingAdd(1, ordering: .relaxed).newValue == threads { say("listening \(port)") }
          DispatchSemaphore(value: 0).wait()
        }
      }
    }
  }
}

func say(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

// Should the tests themselves die, the fixture does not stay behind.
alarm(60)
let arguments = CommandLine.arguments
let behaviour = arguments.count > 1 ? arguments[1] : "clean"
let deadline = arguments.count > 2 ? Int(arguments[2]) ?? 5 : 5
let logger = Logger(label: "fixture") { _ in SwiftLogNoOpLogHandler() }
let endpoint = ServiceEndpoint(
  configuration: EndpointConfiguration(listen: ListenAddress(port: 0), drainTimeout: .milliseconds(300)),
  logger: logger)
let runner = ServiceRunner(
  services: [endpoint, FixtureService(behaviour: behaviour, endpoint: endpoint)],
  drainDeadline: .seconds(deadline), logger: logger)
exit(await runner.run().code)
