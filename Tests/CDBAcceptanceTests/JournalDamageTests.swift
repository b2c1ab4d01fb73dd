import Foundation
import Testing

@Suite("A damaged journal", .needsRecordings, .twoAtATime)
struct JournalDamageTests {
  /// A data directory that a replay left; `body` gets its path and its digest.
  private func withHistory(_ body: (_ folder: String, _ data: String, _ digest: String) async throws -> Void)
    async throws
  {
    try await withTemporaryDirectory { folder in
      let data = folder + "/data"
      let digest = try await CDB.replay(RecordedData.both, ["--data-dir", data], in: folder).digest
      try await body(folder, data, digest)
    }
  }

  private func segment(_ data: String) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: data + "/journal")
    let name = try #require(names.filter { $0.hasSuffix(".seg") }.sorted().last)
    return data + "/journal/" + name
  }

  private func flipMiddleByte(_ path: String) throws {
    var bytes = try #require(FileManager.default.contents(atPath: path))
    bytes[bytes.count / 2] ^= 0xff
    try bytes.write(to: URL(filePath: path))
  }

  private func again(_ data: String, in folder: String) async throws -> CDB.Finished {
    try await CDB.run(["replay"] + RecordedData.both + ["--json", "--data-dir", data], in: folder)
  }

  @Test("a damaged record that is needed stops the start, with file, sequence and offset in one line")
  func damageThatMatters() async throws {
    try await withHistory { folder, data, _ in
      let segment = try segment(data)
      try flipMiddleByte(segment)
      try FileManager.default.removeItem(atPath: data + "/checkpoints")
      let replayed = try await again(data, in: folder)
      let run = try LiveRun(in: folder, feed: "replay:" + RecordedData.bitcoin)
      let started = try await CDB.run(run.arguments, in: folder)
      for finished in [replayed, started] {
        #expect(finished.exit == .code(2))
        #expect(finished.told.count == 1, "\(finished.told)")
        let line = finished.told.last ?? ""
        #expect(line.contains(URL(filePath: segment).lastPathComponent) && line.contains("offset"), "\(line)")
      }
    }
  }

  @Test("damage before the newest checkpoint is named in the log, and the run goes on from the checkpoint")
  func damageBehindTheCheckpoint() async throws {
    try await withHistory { folder, data, digest in
      let segment = try segment(data)
      try flipMiddleByte(segment)
      let finished = try await again(data, in: folder)
      #expect(finished.exit == .code(0), "\(finished.errors.suffix(600))")
      let report = try finished.json(as: ReplayReport.self)
      #expect(report.digest == digest)
      let name = URL(filePath: segment).lastPathComponent
      #expect(report.notices.contains { $0.contains(name) && $0.contains("offset") }, "\(report.notices)")
      let log = try String(contentsOfFile: data + "/logs/cdb-replay.jsonl", encoding: .utf8)
      #expect(
        log.split(separator: "\n").contains {
          $0.contains(#""event.reason":"recovery""#) && $0.contains(name)
        })
    }
  }

  @Test("a torn last record is cut and named; what was committed before it stands")
  func tornTail() async throws {
    try await withHistory { folder, data, digest in
      let segment = try segment(data)
      // The begin of a record that a dying machine did not finish.
      let torn = try #require(FileManager.default.contents(atPath: segment)).suffix(40).prefix(23)
      let handle = try #require(FileHandle(forWritingAtPath: segment))
      try handle.seekToEnd()
      try handle.write(contentsOf: torn)
      try handle.close()
      let finished = try await again(data, in: folder)
      #expect(finished.exit == .code(0), "\(finished.errors.suffix(600))")
      let report = try finished.json(as: ReplayReport.self)
      #expect(report.digest == digest)
      #expect(report.frames == 74_867)
      #expect(report.notices.contains { $0.contains("cut 23 bytes at offset") }, "\(report.notices)")
    }
  }

  @Test("a cut last record that nothing was committed of comes from the feed again")
  func cutRecord() async throws {
    try await withHistory { folder, data, digest in
      try cut(5, off: segment(data))
      for name in ["checkpoints", "store.sqlite", "store.sqlite-wal", "store.sqlite-shm"] {
        try? FileManager.default.removeItem(atPath: "\(data)/\(name)")
      }
      let finished = try await again(data, in: folder)
      #expect(finished.exit == .code(0), "\(finished.errors.suffix(600))")
      #expect(try finished.json(as: ReplayReport.self).digest == digest)
    }
  }

  @Test("a journal that lost what was acted on is refused in one line, not gone on with")
  func lostRecords() async throws {
    try await withHistory { folder, data, digest in
      try cut(5, off: segment(data))
      let finished = try await again(data, in: folder)
      #expect(finished.exit == .code(2))
      #expect(finished.told.count == 1)
      #expect(finished.told.last?.contains("records were lost") == true, "\(finished.told)")
      #expect(try await CDB.storeDigest(data, in: folder) == digest)
    }
  }

  @Test("a replay of a journal with a torn end names segment, offset, sequence and bytes, and ends well")
  func replayOfATornJournal() async throws {
    try await withHistory { folder, data, digest in
      let segment = try segment(data)
      let length = try #require(FileManager.default.contents(atPath: segment)).count
      let handle = try #require(FileHandle(forWritingAtPath: segment))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(repeating: 0x5a, count: 17))
      try handle.close()
      let finished = try await CDB.run(["replay", data, "--json"], in: folder)
      #expect(finished.exit == .code(0), "\(finished.told)")
      let report = try finished.json(as: ReplayReport.self)
      #expect(report.digest == digest)
      let name = URL(filePath: segment).lastPathComponent
      let last = try #require(report.journal?.last_sequence)
      #expect(report.journal?.first_sequence == 1)
      let tail = try #require(report.journal?.torn_tail)
      #expect(tail.file == name && tail.offset == length && tail.bytes == 17 && tail.sequence == last + 1)
      #expect(finished.told.count == 1, "\(finished.told)")
      let line = finished.told.first ?? ""
      #expect(
        line.contains("\(name): 17 bytes at offset \(length), where sequence \(last + 1) would begin"),
        "\(line)")
      #expect(report.notices.count == 1)
    }
  }

  @Test("a replay of a damaged journal names the damage once, and says which sequences its figures cover")
  func replayOfADamagedJournal() async throws {
    try await withHistory { folder, data, _ in
      let segment = try segment(data)
      try flipMiddleByte(segment)
      let finished = try await CDB.run(["replay", data], in: folder)
      #expect(finished.exit == .code(1))
      #expect(finished.told.count == 1, "\(finished.told)")
      #expect(finished.told.first?.contains(URL(filePath: segment).lastPathComponent) == true)
      #expect(finished.output.contains("up to the damage; what follows is in none of these figures"))
      let json = try await CDB.run(["replay", data, "--json"], in: folder).json(as: ReplayReport.self)
      let last = try #require(json.journal?.last_sequence)
      #expect(finished.output.contains("covers     sequences 1 to \(last) of the journal"))
      #expect(finished.output.contains(/balanced at barrier \d+, up to the damage\n/))
      #expect(json.journal?.damage?.contains("sequence \(last + 1) at offset") == true)
      #expect(json.notices.count == 1)
    }
  }

  private func cut(_ bytes: UInt64, off path: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: try handle.seekToEnd() - bytes)
    try handle.close()
  }
}
