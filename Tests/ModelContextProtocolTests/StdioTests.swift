import Foundation
import ProgramFixture
import Testing

@testable import ModelContextProtocol

@Suite("A server on standard input and output")
struct StdioTests {
  private func ask(_ input: [UInt8]) async throws -> [JSONValue] {
    let ended = try await withTemporaryDirectory { folder in
      try await Ended.running(Around.server, [], input: input, in: folder)
    }
    #expect(ended.status == 0, "\(ended.errors)")
    return try ended.output.split(separator: "\n").map { try JSONValue.read(String($0)) }
  }

  @Test("every line of its output is one message, all that was asked is answered, and it ends with its input")
  func lines() async throws {
    let told = try await ask(
      Array(
        [
          Say.initialize, #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, "", Say.old(1, "ping"),
          Say.old(2, "tools/call", #""name":"echo","arguments":{"text":"a\nb"}"#),
          Say.new(3, "server/discover"),
        ].joined(separator: "\n").utf8))
    #expect(told.count == 4, "the last line is one without a newline, too")
    #expect(Set(told.compactMap { $0["id"]?.encodedText }) == ["\"init\"", "1", "2", "3"])
    #expect(told.first { $0["id"] == 2 }?.at("result.content.0.text") == "a\nb")
  }

  @Test("broken lines and a hundred megabytes on one line cost an error each, and what follows is answered")
  func hostile() async throws {
    var input = Array("{\"jsonrpc\":\"2.0\",\"id\":\n[]\n".utf8)
    input += [0xFF, 0xFE, 0x00, 0x0A]
    input += Array(String(repeating: "[", count: 500_000).utf8) + [0x0A]
    input += [UInt8](repeating: UInt8(ascii: "x"), count: 100 << 20) + [0x0A]
    input += Array((Say.old(1, "ping") + "\n").utf8)
    let told = try await ask(input)
    #expect(told.map(\.code) == [-32700, -32600, -32700, -32700, -32600, nil])
    #expect(told.dropLast().allSatisfy { $0["id"] == nil })
    #expect(told.last == ["jsonrpc": "2.0", "id": 1, "result": [:]])
  }

  @Test("its memory does not grow with what a hostile client sends", .needsPython("resource"))
  func memory() async throws {
    let script = """
      import resource, subprocess, sys
      ended = subprocess.run(sys.argv[1:])
      print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
      sys.exit(ended.returncode)
      """
    let line = [UInt8](repeating: UInt8(ascii: " "), count: 100 << 20) + Array("\n".utf8)
    let values = Array("[".utf8) + Array(String(repeating: "[],", count: 300_000).utf8) + Array("[]]\n".utf8)
    let ended = try await withTemporaryDirectory { folder in
      try await Ended.running(
        Around.python, ["-c", script, Around.server], input: line + values + values, in: folder)
    }
    #expect(ended.status == 0)
    let kibibytes = try #require(ended.errors.split(separator: "\n").last.flatMap { Int($0) })
    #expect(kibibytes < 200 << 10, "a line has at most 1 MiB there, and 100,000 values")
  }

  @Test("a client that is gone ends the server, and does not kill it")
  func goneClient() async throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let (input, inputEnd) = (ends[0], ends[1])
    #expect(pipe(&ends) == 0)
    let (outputEnd, output) = (ends[0], ends[1])
    signal(SIGPIPE, SIG_IGN)
    close(outputEnd)
    defer { for end in [input, inputEnd, output] { close(end) } }
    let transport = try StdioTransport(input: input, output: output, limit: 1_000)
    let line = Array((Say.old(1, "ping") + "\n").utf8)
    #expect(line.withUnsafeBytes { write(inputEnd, $0.baseAddress, $0.count) } == line.count)
    let server = MCPServer(.plain, catalog: .small, logger: .silent)
    await #expect(throws: CancellableDescriptor.Failure(code: EPIPE)) {
      try await Connection(to: server).run(over: transport)
    }
  }

  @Test("a cancelled task lets go of a descriptor that says nothing, and of one that nobody reads")
  func cancelled() async throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let transport = try StdioTransport(input: ends[0], output: ends[1], limit: 1_000)
    let reading = Task { try await transport.next() }
    reading.cancel()
    await #expect(throws: CancellationError.self) { try await reading.value }
    let other = try StdioTransport(input: ends[0], output: ends[1], limit: 1_000)
    let writing = Task { try await other.write([UInt8](repeating: 0x20, count: 1 << 20), about: .connection) }
    try await Task.sleep(for: .milliseconds(20))
    writing.cancel()
    await #expect(throws: CancellationError.self) { try await writing.value }
  }
}
