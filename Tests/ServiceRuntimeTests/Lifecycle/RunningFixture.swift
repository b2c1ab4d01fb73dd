import Foundation

/// The process `DrainFixture`, which ends with the time of `body`, however that ends.
///
/// - Parameter deadline: of its drain, in seconds.
func withFixture(
  _ behaviour: String, deadline: Int = 30, _ body: (RunningFixture) async throws -> Void
) async throws {
  let fixture = try await onOwnThread { try RunningFixture(behaviour, deadline: deadline) }
  defer { fixture.kill() }
  try await body(fixture)
}

/// A process that listens on `port`, and of which every wait has an end.
final class RunningFixture: Sendable {
  struct End {
    var code: Int32
    var reason: Process.TerminationReason
    var standardError: String
    /// From the first signal on.
    var seconds: Double
  }

  struct Late: Error {}

  let port: Int
  private let process: Process
  private let output: CInt
  private let errors: CInt
  // These own the descriptors; only their life matters here.
  private let pipes: [FileHandle]

  /// Far beyond what a loaded machine needs.
  private static let patience = Duration.seconds(20)

  fileprivate init(_ behaviour: String, deadline: Int) throws {
    let (process, output, errors) = (Process(), Pipe(), Pipe())
    process.executableURL = Self.executable
    process.arguments = [behaviour, String(deadline)]
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    self.process = process
    pipes = [output.fileHandleForReading, errors.fileHandleForReading]
    self.output = output.fileHandleForReading.fileDescriptor
    self.errors = errors.fileHandleForReading.fileDescriptor
    do {
      let line = try Self.read(self.output, until: UInt8(ascii: "\n"))
      port = Int(line.dropFirst("listening ".count).dropLast()) ?? 0
    } catch {
      Foundation.kill(process.processIdentifier, SIGKILL)
      throw error
    }
  }

  func kill() {
    if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
  }

  /// Sends the signals and waits for the end.
  func end(_ signals: Int32...) async throws -> End {
    try await onOwnThread { [self] in
      let start = ContinuousClock.now
      for signal in signals { Foundation.kill(process.processIdentifier, signal) }
      // The pipe's other end closes with the process.
      let standardError = try Self.read(errors, until: nil)
      process.waitUntilExit()
      return End(
        code: process.terminationStatus, reason: process.terminationReason, standardError: standardError,
        seconds: (ContinuousClock.now - start) / .seconds(1))
    }
  }

  /// Reads to the byte, or to the end.
  private static func read(_ descriptor: CInt, until last: UInt8?) throws -> String {
    let start = ContinuousClock.now
    var bytes: [UInt8] = []
    while bytes.isEmpty || bytes.last != last {
      let left = (patience - (ContinuousClock.now - start)) / .milliseconds(1)
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard left > 0, poll(&ready, 1, CInt(left) + 1) >= 0 else { throw Late() }
      guard ready.revents != 0 else { continue }
      var byte: UInt8 = 0
      guard Foundation.read(descriptor, &byte, 1) == 1 else { break }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Built beside the bundle of the tests.
  private static var executable: URL {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("DrainFixture")
  }
}
