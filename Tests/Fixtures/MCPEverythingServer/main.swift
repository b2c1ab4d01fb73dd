// A server with one of each kind of thing, on standard input and output, for tests and for trying clients out.
// Its log goes to standard error.
import Foundation
import Logging
import ModelContextProtocol

var configuration = ServerConfiguration(
  name: "everything", title: "Everything", version: "1.0.0",
  instructions: "One of each kind of thing that a server can offer.")
configuration.tellsLogs = true
configuration.pageSize = 4
configuration.timeToLive = 60_000
configuration.limits.messageBytes = 1 << 20
configuration.limits.running = 4
configuration.limits.waiting = 8
// On a busy machine what was asked is to be answered all the same.
configuration.limits.grace = .seconds(30)

let logger = Logger(label: "everything") { StreamLogHandler.standardError(label: $0) }
let server = MCPServer(configuration, catalog: try Everything.catalog(), logger: logger)
Everything.server.set(server)
do {
  try await server.serveStandardStreams()
} catch {
  FileHandle.standardError.write(Data("everything: \(error)\n".utf8))
  exit(1)
}
