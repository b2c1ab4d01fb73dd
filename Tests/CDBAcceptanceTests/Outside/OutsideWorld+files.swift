import Foundation
import Glibc

// The files of the run, and what can be done to them.
extension OutsideWorld {
  nonisolated var log: String { data + "/logs/cdb.jsonl" }

  /// The journal's segments, oldest first; there is one at least.
  nonisolated func segments() throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: data + "/journal").filter {
      $0.hasSuffix(".seg")
    }
    guard !names.isEmpty else { throw Tool.Failed(command: ["ls"], words: "the journal has no segment") }
    return names.sorted().map { "\(data)/journal/\($0)" }
  }

  nonisolated func newestSegment() throws -> String { try segments().last ?? "" }

  nonisolated func checkpointFiles() throws -> [String] {
    let folder = data + "/checkpoints"
    return try FileManager.default.contentsOfDirectory(atPath: folder).flatMap { name in
      try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)").map {
        "\(folder)/\(name)/\($0)"
      }
    }
  }

  /// Fills the disk of the log, and waits until the log has used up what was left of its last block.
  nonisolated func fillTheLogsDisk() async throws {
    try disk.fill(.log)
    _ = try await eventually("the log's last block is full", within: .seconds(60)) {
      let size = try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int ?? 0
      return (size % 4096 == 0).found
    }
  }

  nonisolated func deleteStore() throws {
    for name in ["store.sqlite", "store.sqlite-wal", "store.sqlite-shm"]
    where FileManager.default.fileExists(atPath: "\(data)/\(name)") {
      try FileManager.default.removeItem(atPath: "\(data)/\(name)")
    }
  }

  /// Inverts a byte here and there, without a new file. Twice is nothing at all.
  nonisolated func flip(_ path: String, every step: Int, from start: Int) throws {
    guard let file = FileHandle(forUpdatingAtPath: path) else { throw SocketError("open") }
    defer { try? file.close() }
    let size = Int(try file.seekToEnd())
    for offset in stride(from: start, to: size, by: step) {
      try file.seek(toOffset: UInt64(offset))
      guard let byte = try file.read(upToCount: 1)?.first else { return }
      try file.seek(toOffset: UInt64(offset))
      try file.write(contentsOf: [byte ^ 0xff])
    }
  }

  /// Brings what is in the write-ahead log into the store, and damages the beginning of every page but the first.
  func damageStore() async throws {
    let script = """
      import os, sqlite3, sys, time
      store = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
      for _ in range(100):
          busy, log, moved = store.execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchone()
          if not busy: break
          time.sleep(0.05)
      store.close()
      with open(sys.argv[1], 'r+b') as file:
          for page in range(1, os.path.getsize(sys.argv[1]) // 4096):
              file.seek(page * 4096)
              file.write(b'\\xee' * 64)
      """
    _ = try await PythonCheck.run(script, [data + "/store.sqlite"], in: folder)
  }

  /// Another process takes the store's lock for writing, and keeps it.
  func lockStore() async throws {
    let script = """
      import sqlite3, sys, time
      store = sqlite3.connect(sys.argv[1], isolation_level=None)
      store.execute('PRAGMA busy_timeout = 5000')
      store.execute('BEGIN IMMEDIATE')
      print('locked', flush=True)
      time.sleep(600)
      """
    let child = try ChildProcess(
      Surroundings.python, ["-c", script, data + "/store.sqlite"], in: folder)
    others.append(child)
    _ = try await eventually("the store is locked; \(child.errors)") {
      child.output.contains("locked").found
    }
  }

  func unlockStore() async {
    for child in others { await child.end() }
    others = []
  }

  /// The run may keep the files that it has open, and open one more at a time.
  func limitFiles() async throws {
    guard let pid = run?.pid else { return }
    let open = Set(
      try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").compactMap { Int($0) })
    let free = (0...open.count).first { !open.contains($0) } ?? open.count
    try await Tool.run(["prlimit", "--pid", "\(pid)", "--nofile=\(free + 1):4096"])
  }

  func unlimitFiles() async throws {
    guard let pid = run?.pid, run?.exit == nil else { return try startRun() }
    try await Tool.run(["prlimit", "--pid", "\(pid)", "--nofile=1024:4096"])
  }

  /// Another process listens where the run wants to.
  func takePort() async throws {
    let script = """
      import socket, sys, time
      listener = socket.socket()
      listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
      listener.bind(('0.0.0.0', int(sys.argv[1])))
      listener.listen()
      print('listens', flush=True)
      time.sleep(600)
      """
    let command = (wire?.entry ?? []) + [Surroundings.python, "-c", script, "\(port)"]
    let child = try ChildProcess(command[0], Array(command.dropFirst()), in: folder)
    others.append(child)
    _ = try await eventually("somebody else listens; \(child.errors)") {
      child.output.contains("listens").found
    }
  }

  func givePortBack() async { await unlockStore() }
}

extension OutsideWorld {
  /// What the store has of orders that added exposure and were accepted while the gate was not open, by the time at which an
  /// order came to the exchange, as its door judges: of its own rows, whatever anybody answered.
  func acceptedOutsideTheGate() async throws -> [String] {
    let script = """
      import json, sqlite3, sys
      store = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True, timeout=10)
      changes = []
      for time, kind, body in store.execute('SELECT time_ns, kind, body FROM controls ORDER BY origin'):
          if kind == 'gate': changes.append((time, json.loads(body)['gate']['_0']['state']))
          if kind == 'stop': changes.append((time, 'stopped'))
          if kind == 'resume': changes.append((time, 'closed'))
      seen = 0
      for executed, status, order in store.execute('''SELECT r.executed_ns, r.status, r.order_id FROM order_results r
          JOIN orders o ON o.id = r.order_id WHERE o.side = 'buy' AND o.account <> 'canary'
          AND r.status IN ('accepted', 'partially_filled', 'filled') ORDER BY r.origin'''):
          seen += 1
          state = 'closed'
          for time, next in changes:
              if time > executed: break
              state = next
          if state != 'open': print(order, status, state, executed, changes[-8:])
      print('seen', seen)
      """
    return try await PythonCheck.run(script, [data + "/store.sqlite"], in: folder)
      .split(separator: "\n").map(String.init)
  }
}
