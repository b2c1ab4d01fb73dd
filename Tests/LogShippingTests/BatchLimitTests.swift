import Foundation
import HTTPServerFixture
import ProgramFixture
import Synchronization
import Testing

@testable import LogShipping

@Suite("How large requests are")
struct BatchLimitTests {
  @Test("half as large after one that was too large, and as large as before when many were taken")
  func grows() {
    var limit = BatchLimit(most: 1 << 20)
    limit.note(size: 1 << 20, wasTooLarge: true)
    #expect(limit.bytes == 512 << 10)
    // Read ahead before that, and too large as well.
    limit.note(size: 1 << 20, wasTooLarge: true)
    #expect(limit.bytes == 512 << 10)
    for _ in 0..<31 { limit.note(size: 512 << 10, wasTooLarge: false) }
    #expect(limit.bytes == 512 << 10)
    limit.note(size: 512 << 10, wasTooLarge: false)
    #expect(limit.bytes == 1 << 20)
    for _ in 0..<1_000 { limit.note(size: 1 << 20, wasTooLarge: false) }
    #expect(limit.bytes == 1 << 20)
  }

  @Test("what is far from full says nothing of what is taken")
  func small() {
    var limit = BatchLimit(most: 1 << 20)
    limit.note(size: 1 << 20, wasTooLarge: true)
    for _ in 0..<1_000 { limit.note(size: 1_000, wasTooLarge: false) }
    #expect(limit.bytes == 512 << 10)
  }

  @Test("a server that never takes more is asked ever more seldom")
  func seldom() {
    var limit = BatchLimit(most: 4 << 20)
    var requests: [Int] = []
    for number in 0..<20_000 {
      let isTooLarge = limit.bytes > 1_000_000
      if isTooLarge { requests.append(number) }
      limit.note(size: limit.bytes, wasTooLarge: isTooLarge)
      #expect(limit.bytes <= 4 << 20 && limit.bytes >= BatchLimit.smallest)
    }
    let pauses = zip(requests, requests.dropFirst()).map { $1 - $0 }.filter { $0 > 1 }
    #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 } && pauses.last ?? 0 > 1_000)
    #expect(requests.count < 30)
  }

  @Test("no larger than is wanted, however little that is", arguments: [1, 1_000, 64 << 10, 100_000])
  func little(most: Int) {
    var limit = BatchLimit(most: most)
    for _ in 0..<10 { limit.note(size: most, wasTooLarge: true) }
    #expect(limit.bytes == min(most, BatchLimit.smallest))
    for _ in 0..<20_000 { limit.note(size: limit.bytes, wasTooLarge: false) }
    #expect(limit.bytes == most)
  }

  @Test("a shipper's requests are as large as is wanted again, after the server was smaller for a while")
  func shipper() async throws {
    let isSmall = Atomic(true)
    let largest = Mutex(0)
    let server = try BulkServer(interrupt: { _, request in
      if isSmall.load(ordering: .relaxed), request.body.count > 100_000 {
        return BulkServer.Interruption(answer: .status(413, "too large"))
      }
      largest.withLock { $0 = max($0, request.body.count) }
      return nil
    })
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      var options = options(folder, [server.url])
      options.batchBytes = 128 << 10
      let long = String(repeating: "x", count: 2_000)
      let log = folder + "/logs/app.log"
      @Sendable func write(_ numbers: ClosedRange<Int>) throws {
        try LogFile.append(numbers.map { "{\"n\":\($0),\"message\":\"\(long)\"}\n" }.joined(), to: log)
      }
      try write(1...200)
      try await withShipper(options) { shipper in
        try await server.expects(1...200)
        #expect(shipper.statistics.requests["413", default: 0] >= 1)
        #expect(largest.withLock { $0 } <= 100_000)
        isSmall.store(false, ordering: .relaxed)
        try write(201...3_000)
        try await server.expects(1...3_000)
      }
      #expect(largest.withLock { $0 } > 120_000)
      #expect(server.numbers.sorted() == Array(1...3_000) && server.state.faults == [])
    }
  }
}
