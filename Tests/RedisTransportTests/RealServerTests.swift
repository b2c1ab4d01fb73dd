import Foundation
import LoopbackPorts
import RedisServerFixture
import Synchronization
import Testing

@testable import RedisTransport

@Suite(
  "With a real server", .serialized, .enabled(if: RedisServer.isExpected, "\(RedisServer.missing)"),
  .timeLimit(.minutes(10)))
struct RealServerTests {
  private func makeClient(_ address: RedisAddress, _ options: RedisOptions = RedisOptions()) -> RedisClient {
    let random = Mutex(SeededGenerator(seed: 1))
    return RedisClient(address, options: options, clock: ContinuousClock()) { random.withLock { $0.next() } }
  }

  @Test("answers to pipelined commands come in order, more of them than may be under way")
  func pipeline() async throws {
    try await RedisServer.run { server in
      var options = RedisOptions()
      options.maximumCommandsUnderWay = 100
      let client = makeClient(server.address, options)
      var pending: [RedisReplies] = []
      for _ in 0..<200 {
        pending.append(try await client.submit((0..<50).map { _ in RedisCommand("INCR", "n") }))
      }
      var expected: Int64 = 0
      for replies in pending {
        for value in try await replies.values() {
          expected += 1
          #expect(value == .integer(expected))
        }
      }
      #expect(expected == 10_000)
      await client.close()
      let error = try await #require(throws: RedisError.self) { try await client.call(RedisCommand("PING")) }
      #expect(error.kind == .closed)
    }
  }

  @Test("the tests' server ends with the process that made it, and leaves nothing")
  func abandoned() async throws {
    try await RedisServer.run { server in
      let pid = try #require(server.pid)
      #expect(FileManager.default.fileExists(atPath: server.directory.path))
      // As a death does: the other end of the watching shell's input closes.
      server.abandon()
      let isGone = await eventually {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        return (status.isEmpty || status.contains(") Z "))
          && !FileManager.default.fileExists(atPath: server.directory.path)
      }
      #expect(isGone)
    }
  }

  @Test("arguments of all bytes and of no bytes, and a database of one's own")
  func binary() async throws {
    try await RedisServer.run { server in
      var address = server.address
      address.database = 3
      let client = makeClient(address)
      let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
      var set = RedisCommand("SET", "k")
      set.append(bytes)
      var empty = RedisCommand("SET", "e")
      empty.append([UInt8]())
      let stored = try await client.send([set, empty])
      #expect(stored == [.status("OK"), .status("OK")])
      #expect(try await client.call(RedisCommand("GET", "k")) == .bytes(bytes))
      #expect(try await client.call(RedisCommand("GET", "e")) == .bytes([]))
      #expect(try await server.ask("GET", "k") == .null, "another database")
      await client.close()
    }
  }

  @Test("a missing, a wrong and a right password, and a user who may not do everything")
  func credentials() async throws {
    var right = RedisOptions()
    right.credential = RedisCredential(password: "geheim")
    try await RedisServer.run(["--requirepass", "geheim"], probe: right) { server in
      let without = try await #require(throws: RedisError.self) {
        try await makeClient(server.address).call(RedisCommand("PING"))
      }
      #expect(without.kind == .notAuthenticated)
      var wrong = RedisOptions()
      wrong.credential = RedisCredential(password: "falsch")
      let refused = try await #require(throws: RedisError.self) {
        try await makeClient(server.address, wrong).call(RedisCommand("PING"))
      }
      #expect(refused.kind == .wrongCredential && !refused.isTransient)
      #expect("\(refused)".contains("127.0.0.1:\(server.port)") && !"\(refused)".contains("falsch"))
      try await server.ask("ACL", "SETUSER", "reader", "on", ">lesen", "~a*", "+get", "+ping")
      var reader = RedisOptions()
      reader.credential = RedisCredential(user: "reader", password: "lesen")
      let client = makeClient(server.address, reader)
      #expect(try await client.call(RedisCommand("GET", "a")) == .null)
      let denied = try await #require(throws: RedisError.self) {
        try await client.call(RedisCommand("SET", "a", "1"))
      }
      #expect(denied.kind == .notPermitted && denied.command == "SET")
      await client.close()
    }
  }

  @Test("TLS with an authority of one's own; without it the server is not trusted")
  func tls() async throws {
    let authority = try TestAuthority()
    defer { authority.remove() }
    var options = RedisOptions()
    options.tls.authoritiesFile = authority.authority.path
    try await RedisServer.run(probe: options, tls: authority) { server in
      let client = makeClient(server.address, options)
      #expect(try await client.call(RedisCommand("SET", "a", "1")) == .status("OK"))
      await client.close()
      let distrusted = try await #require(throws: RedisError.self) {
        try await makeClient(server.address).call(RedisCommand("PING"))
      }
      #expect(distrusted.kind == .tls)
      var plain = server.address
      plain.isSecure = false
      let mute = try await #require(throws: RedisError.self) {
        try await makeClient(plain).call(RedisCommand("PING"))
      }
      #expect(mute.kind == .connectionLost || mute.kind == .protocolViolation)
    }
  }

  @Test(
    "a connection that is killed in the middle of a pipeline: nothing is done twice, and the next one goes on"
  )
  func clientKill() async throws {
    try await RedisServer.run { server in
      let client = makeClient(server.address)
      let id = try await client.call(RedisCommand("CLIENT", "ID")).integer ?? 0
      var done: Int64 = 0
      var unknown = 0
      let killer = Task { try await server.ask("CLIENT", "KILL", "ID", "\(id)") }
      for _ in 0..<5_000 {
        do throws(RedisError) {
          for value in try await client.send((0..<10).map { _ in RedisCommand("INCR", "n") }) {
            #expect(value.integer != nil)
            done += 1
          }
        } catch {
          if error.outcome == .unknown { unknown += 10 }
        }
      }
      _ = try await killer.value
      let counted = try await client.call(RedisCommand("GET", "n")).text.flatMap(Int64.init) ?? 0
      #expect(counted >= done && counted <= done + Int64(unknown))
      #expect(try await client.call(RedisCommand("CLIENT", "ID")).integer != id)
      await client.close()
    }
  }

  @Test("a server that stands still is given up in time, and used again when it goes on")
  func stopped() async throws {
    try await RedisServer.run { server in
      var options = RedisOptions()
      options.commandTimeout = .milliseconds(300)
      let client = makeClient(server.address, options)
      #expect(try await client.call(RedisCommand("INCR", "n")) == .integer(1))
      server.signal(SIGSTOP)
      let late = try await #require(throws: RedisError.self) {
        try await client.call(RedisCommand("INCR", "n"))
      }
      #expect(late.kind == .timedOut && late.outcome == .unknown && late.command == "INCR")
      server.signal(SIGCONT)
      #expect(await eventually { (try? await client.call(RedisCommand("PING"))) != nil })
      // It was in the socket when the server went on: never sent again, it was done once at most.
      let counted = try await client.call(RedisCommand("GET", "n")).text
      #expect(counted == "1" || counted == "2")
      await client.close()
    }
  }

  @Test("a server that dies and comes back is found again, with pauses between attempts")
  func restart() async throws {
    try await RedisServer.run { server in
      let client = makeClient(server.address)
      #expect(try await client.call(RedisCommand("PING")) == .status("PONG"))
      server.kill()
      let away = try await #require(throws: RedisError.self) {
        _ = try await client.call(RedisCommand("PING"))
        _ = try await client.call(RedisCommand("PING"))
      }
      #expect(away.isTransient)
      try await server.start()
      #expect(await eventually { (try? await client.call(RedisCommand("PING"))) != nil })
      await client.close()
    }
  }

  @Test("a replica refuses to be written to, and the error says what to do")
  func replica() async throws {
    try await RedisServer.run { master in
      try await RedisServer.run(["--replicaof", "127.0.0.1 \(master.port)"]) { replica in
        let client = makeClient(replica.address)
        #expect(
          await eventually {
            do throws(RedisError) {
              _ = try await client.call(RedisCommand("SET", "a", "1"))
              return false
            } catch {
              return error.kind == .readOnly
            }
          })
        await client.close()
      }
    }
  }

  @Test("a server without memory, and one in a script")
  func outOfMemoryAndBusy() async throws {
    try await RedisServer.run(["--maxmemory", "1", "--busy-reply-threshold", "20"]) { server in
      let client = makeClient(server.address)
      let full = try await #require(throws: RedisError.self) {
        try await client.call(RedisCommand("SET", "a", "1"))
      }
      #expect(full.kind == .outOfMemory && full.isTransient)
      let script = Task { try? await server.ask("EVAL", "while true do end", "0") }
      #expect(
        await eventually {
          do throws(RedisError) {
            _ = try await client.call(RedisCommand("GET", "a"))
            return false
          } catch {
            return error.kind == .busy
          }
        })
      #expect(try await client.call(RedisCommand("SCRIPT", "KILL")) == .status("OK"))
      _ = await script.value
      await client.close()
    }
  }

  @Test("a sentinel tells where the master is")
  func sentinel() async throws {
    try await RedisServer.run { master in
      try await RedisServer.runSentinel(of: master, name: "main") { sentinel in
        let nobody = RedisEndpoint(host: "127.0.0.1", port: Int(try FreePort.next()))
        let address = RedisAddress(form: .sentinel(master: "main"), endpoints: [nobody, sentinel.endpoint])
        let client = makeClient(address)
        #expect(try await client.call(RedisCommand("SET", "a", "1")) == .status("OK"))
        #expect(try await master.ask("GET", "a").text == "1")
        await client.close()
        let stranger = makeClient(
          RedisAddress(form: .sentinel(master: "other"), endpoints: [sentinel.endpoint]))
        let error = try await #require(throws: RedisError.self) {
          try await stranger.call(RedisCommand("PING"))
        }
        #expect(error.kind == .noMaster)
        await stranger.close()
      }
    }
  }

  @Test("a cluster's redirections are followed, for good and while a slot moves")
  func cluster() async throws {
    try await RedisServer.runCluster { first, second in
      let client = makeClient(RedisAddress(form: .cluster, endpoints: [first.endpoint]))
      let key = "{foo}1"
      #expect(KeySlot.of(key) > 8_191)
      let answers = try await client.send((0..<10).map { _ in RedisCommand("INCR", key) }, key: key)
      #expect(answers == (1...10).map { .integer($0) })
      #expect(try await client.connection(for: key).endpoint.port == second.port, "it is remembered")

      let moving = KeySlot.of("{foo}")
      let to = try await first.ask("CLUSTER", "MYID").text ?? ""
      let from = try await second.ask("CLUSTER", "MYID").text ?? ""
      try await first.ask("CLUSTER", "SETSLOT", "\(moving)", "IMPORTING", from)
      try await second.ask("CLUSTER", "SETSLOT", "\(moving)", "MIGRATING", to)
      let fresh = "{foo}2"
      #expect(
        try await client.send([RedisCommand("INCR", fresh), RedisCommand("INCR", fresh)], key: fresh)
          == [.integer(1), .integer(2)])
      await client.close()
    }
  }
}
