import Foundation
import Glibc
import LoopbackPorts
import Testing

@Suite("A data directory that a process holds", .twoAtATime)
struct HeldDirectoryTests {
  @Test("a second start says which process runs there and what to do, and ends with 2")
  func second() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        let port = try FreePort.next()
        let finished = try await CDB.run(
          ["run", "--listen", "127.0.0.1:\(port)", "--data-dir", run.dataDirectory], in: folder)
        #expect(finished.exit == .code(2), "\(finished.told)")
        let told = finished.told.joined(separator: "\n")
        let process = "process \(child.pid) runs on \(run.dataDirectory)"
        for part in [process, "`kill \(child.pid)`", "--data-dir"] {
          #expect(told.contains(part), "\(told)")
        }
        #expect(!told.contains("queue"))
      }
    }
  }

  @Test(
    "a second gate service on the directory of the first is refused as a second run is, and the first goes on"
  )
  func secondGate() async throws {
    try await withTemporaryDirectory { folder in
      let port = try FreePort.next()
      func serve(_ port: UInt16) -> [String] {
        ["gate", "serve", "--listen", "127.0.0.1:\(port)", "--data-dir", folder + "/data"]
      }
      try await CDB.during(serve(port), in: folder) { child in
        try await CDB.answers(port, child)
        let finished = try await CDB.run(serve(try FreePort.next()), in: folder)
        #expect(finished.exit == .code(2), "\(finished.told)")
        #expect(
          finished.told.count == 1
            && finished.told[0].contains("process \(child.pid) runs on \(folder)/data as its gate service"),
          "\(finished.told)")
        #expect(child.exit == nil)
      }
      // What was killed holds nothing.
      let next = try FreePort.next()
      try await CDB.during(serve(next), in: folder) { child in try await CDB.answers(next, child) }
    }
  }

  @Test("a process that was stopped is not to be started: the answer says how it goes on")
  func stopped() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        #expect(child.send(SIGSTOP))
        let silent = try await run.why(["--data-dir", run.dataDirectory])
        #expect(child.send(SIGCONT))
        #expect(silent.exit == .code(3), "\(silent.told)")
        let told = silent.told.joined(separator: "\n")
        #expect(told.contains("kill -CONT \(child.pid)") && !told.contains("start it with"), "\(told)")
      }
    }
  }

  @Test("gate verify takes no --listen, and says why")
  func verify() async throws {
    try await withTemporaryDirectory { folder in
      let finished = try await CDB.run(["gate", "verify", "--listen", "127.0.0.1:8000"], in: folder)
      #expect(finished.exit == .code(2), "\(finished.told)")
      #expect(finished.told.first?.contains("asks no running service and takes no --listen") == true)
      let help = try await CDB.run(["gate", "verify", "--help"], in: folder)
      #expect(help.exit == .code(0) && help.output.contains("has no --listen"), "\(help.output)")
    }
  }
}
