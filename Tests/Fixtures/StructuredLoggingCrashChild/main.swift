// Logs to the file given as first argument and then dies in the way that the second one names.
import Glibc
import Logging
import StructuredLogging

guard CommandLine.arguments.count == 3 else { exit(2) }
// An interval so long that only the crash flush can write what comes after the first line.
let options = LogWriterOptions(flushInterval: .seconds(3000))
let writer = try LogWriter(sinks: [.file(path: CommandLine.arguments[1])], options: options)
installCrashFlush(writer)
let identity = ServiceIdentity(name: "crash-child", version: "1.0.0")
let logger = Logger(label: "child") {
  ECSLogHandler(label: $0, identity: identity, writer: writer)
}
for number in 0..<2000 {
  logger.info("before the crash", metadata: ["test.number": .stringConvertible(number)])
}
logger.notice("the last line", metadata: ["event.reason": "about_to_crash"])

switch CommandLine.arguments[2] {
case "abort": abort()
case "trap":
  let none: [Int] = CommandLine.arguments.count == 99 ? [1] : []
  print(none[CommandLine.arguments.count])
case "segv":
  UnsafeMutableRawPointer(bitPattern: 8)?.storeBytes(of: 1, as: UInt8.self)
default: raise(Int32(CommandLine.arguments[2]) ?? SIGABRT)
}
