import Foundation
import LoopbackPorts
import PostgresTesting
import RedisServerFixture
import RedisTransport
import Testing

/// Servers as they stand elsewhere: behind TLS and passwords, behind a sentinel, as a cluster.
extension ServicesTests {
  @Test("over TLS, to servers that admit nobody without a password, they leave the same store")
  func secured() async throws {
    let authority = try TestAuthority()
    defer { authority.remove() }
    var probe = RedisOptions()
    probe.tls.authoritiesFile = authority.authority.path
    probe.credential = RedisCredential(password: "bus s3cret")
    let postgres = try await PostgresServer()
    do {
      let certificate = try await postgres.startSecured(password: "store s3cret")
      try await withTemporaryDirectory { folder in
        let storePassword = try ServiceStack.secret("store s3cret", in: folder, "store-password")
        try await RedisServer.run(["--requirepass", "bus s3cret"], probe: probe, tls: authority) { redis in
          try await compare(
            [
              "feed.speed": "max", "bus.url": "rediss://127.0.0.1:\(redis.port)",
              "bus.authorities_file": authority.authority.path,
              "bus.password_file": try ServiceStack.secret("bus s3cret", in: folder, "bus-password"),
              "store.password_file": storePassword,
            ], on: postgres, query: "?sslmode=verify-full&sslrootcert=\(certificate)",
            passwordFile: storePassword, over: redis,
            then: { stack, _ in #expect(stack.startedAnew == 0) })
        }
      }
    } catch {
      await postgres.remove()
      throw error
    }
    await postgres.remove()
  }

  @Test("a sentinel leads from a master that dies to its replica, whatever that had not yet been told")
  func failover() async throws {
    try await RedisServer.run { master in
      try await RedisServer.run(["--replicaof", "127.0.0.1", "\(master.port)"]) { replica in
        func isReplicating() async throws -> Bool {
          try await replica.ask("INFO", "replication").text?.contains("master_link_status:up") ?? false
        }
        #expect(try await eventually { try await isReplicating() })
        try await RedisServer.runSentinel(of: master, name: "bus") { sentinel in
          #expect(
            try await eventually {
              try await sentinel.ask("SENTINEL", "REPLICAS", "bus").array?.count == 1
            })
          try await compare(
            loops: 3, ["feed.speed": "30", "bus.url": "redis+sentinel://127.0.0.1:\(sentinel.port)/bus"],
            over: master,
            beside: { _, _, _ in
              _ = try await eventually("market data flow") {
                try await master.ask("XLEN", "cdb:{market_data:0}").integer.flatMap { $0 > 5 ? $0 : nil }
              }
              master.kill()
              // A server that changes its role ends its connections, this one among them.
              _ = try await eventually("the replica is the master") {
                (try? await replica.ask("ROLE"))?.array?.first?.text == "master" ? true : nil
              }
            },
            then: { _, _ in
              let results = try await replica.ask("XLEN", "cdb:{order_results:0}").integer ?? 0
              #expect(results > 0)
            })
        }
      }
    }
  }

  @Test("over a cluster they leave the same store")
  func cluster() async throws {
    try await RedisServer.runCluster { first, second in
      try await compare(
        ["feed.speed": "max", "bus.url": "redis+cluster://127.0.0.1:\(first.port)"], over: first,
        then: { _, _ in
          for server in [first, second] {
            let keys = try await server.ask("DBSIZE").integer ?? 0
            #expect(keys > 0, "both have partitions of it")
          }
        })
    }
  }
}
