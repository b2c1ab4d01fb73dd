import Foundation
import LoopbackPorts
import Testing

/// Every input is hostile: a clear error or a counted drop, never a crash.
@Suite("Bad input", .twoAtATime)
struct BadInputTests {
  private static let start = 1_723_161_254_000_000_000

  /// A recording of frames a millisecond apart.
  private func recording(_ frames: [String], at path: String) throws -> String {
    try frames.enumerated().map { "\(Self.start + $0.offset * 1_000_000) \($0.element)\n" }.joined().write(
      to: path)
  }

  private func trade(_ id: Int, price: String = "61837.63000000", quantity: String = "0.02000000") -> String {
    #"{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161254\#(100 + id),"s":"BTCUSDT","t":\#(id),"#
      + #""p":"\#(price)","q":"\#(quantity)","T":1723161254\#(100 + id),"m":true,"M":true}}"#
  }

  @Test("frames that are none are dropped, each with its reason, and the good ones count")
  func malformedFrames() async throws {
    try await withTemporaryDirectory { folder in
      let bad = [
        "{", "}{", "[]", "null", "\u{1}\u{2}\u{7f}", #"{"stream":"btcusdt@trade","data":{}}"#,
        #"{"stream":"btcusdt@trade","data":"#, #"{"stream":"nobody@knows","data":{}}"#,
        trade(3, price: "-1"), trade(4, price: "1e400"), trade(5, price: "NaN"), trade(6, price: ""),
        trade(7, price: String(repeating: "9", count: 400)), trade(8, quantity: "0x10"),
        String(repeating: "[", count: 100_000),
        #"{"stream":"btcusdt@trade","data":{"e":"trade","s":"DOGEUSDT"}}"#,
        // A hundredfold price between two good ones.
        trade(9, price: "6183763.00000000"),
      ]
      let frames = [trade(1), trade(2)] + bad + [trade(10), trade(11)]
      let report = try await CDB.replay([try recording(frames, at: folder + "/bad.txt")], in: folder)
      #expect(report.frames == UInt64(frames.count))
      #expect(report.framesActed == 4)
      #expect(report.framesDropped.values.reduce(0, +) == UInt64(bad.count), "\(report.framesDropped)")
      #expect(report.framesDropped["absurd_price"] == 1, "\(report.framesDropped)")
      #expect(report.framesDropped["malformed_frame"] ?? 0 >= 5, "\(report.framesDropped)")
      #expect(report.balanced)
      print("bad frames: \(report.framesDropped)")
    }
  }

  @Test(
    "lines that are no frames are passed over and said with their number; the others count; an empty file is said"
  )
  func lines() async throws {
    try await withTemporaryDirectory { folder in
      let path = try "no time here\n\n99999999999999999999999 {}\n\(Self.start) \(trade(1))".write(
        to: folder + "/a.txt")
      let finished = try await CDB.run(["replay", path, "--json"], in: folder)
      #expect(finished.exit == .code(1))
      let report = try finished.json(as: ReplayReport.self)
      #expect(report.frames == 1)
      #expect(report.notices.contains { $0.contains("2 lines are no frames") && $0.contains("line 1") })
      let empty = try "".write(to: folder + "/empty.txt")
      let nothing = try await CDB.run(["replay", empty, "--json"], in: folder)
      #expect(nothing.exit == .code(1))
      #expect(nothing.errors.contains("holds no frame"))
    }
  }

  @Test("of a truncated recording all whole lines count, and a notice names the file", .needsRecordings)
  func truncated() async throws {
    try await withTemporaryDirectory { folder in
      let whole = try #require(FileManager.default.contents(atPath: RecordedData.bitcoin))
      let path = folder + "/truncated.gz"
      try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
      let finished = try await CDB.run(["replay", path, "--json"], in: folder)
      let report = try finished.json(as: ReplayReport.self)
      #expect(report.notices.contains { $0.contains(path) && $0.contains("in the middle of its gzip data") })
      #expect(report.balanced)
      // The same lines, unpacked by gzip itself, which also takes what it can.
      let gzip = try ChildProcess("gzip", ["-dc", path], in: folder)
      _ = try await gzip.exit()
      let lines = gzip.output.split(separator: "\n", omittingEmptySubsequences: true)
      #expect(report.frames <= UInt64(lines.count) && report.frames >= UInt64(lines.count) - 1)
      #expect(finished.exit == .code(1), "half a recording is not a whole answer: \(finished.exit)")
    }
  }

  @Test(
    "wrong usage ends with 2 and one line that says what is expected",
    arguments: [
      (["run", "--feed", "replay:/nowhere/x.gz"], "/nowhere/x.gz"),
      (["run", "--feed", "ftx"], "feed.source"),
      (["run", "--listen", "nonsense"], "host:port"),
      (["run", "--listen", "127.0.0.1:99999"], "host:port"),
      (["run", "--symbols", "BTC-USD"], "BTCUSDT"),
      (["run", "--symbols", "BTCUSDT,BTCUSDT"], "different"),
      (["run", "--symbols", ","], "feed.symbols"),
      (["run", "--duration", "soon"], "duration"),
      (["run", "--duration", "-1s"], "run.duration"),
      (["run", "--duration", "0s"], "leave it out to run until it is stopped"),
      (["run", "--seed=-5"], "feed.seed"),
      (["run", "--seed", "-5"], "feed.seed"),
      (["run", "--feed", "replay:/usr/bin/env", "--speed", "-1"], "a factor above 0"),
      (["run", "--config", "/nowhere.yml"], "/nowhere.yml"),
      (["run", "--set", "pipeline.batch=abc"], "from 1 to 65536"),
      (["run", "--set", "pipeline.batch=0"], "from 1 to 65536"),
      (["run", "--set", "risk.maximum_exposure=much"], "risk.maximum_exposure"),
      (["replay", "/nowhere/x.gz"], "/nowhere/x.gz"),
      (["replay", "/usr"], "/usr"),
      (["replay", "/usr/bin/env", "--speed", "fast"], "feed.speed"),
      (["replay", "/usr/bin/env", "--speed", "-1"], "a factor above 0"),
      (["replay", "/usr/bin/env", "--loops", "-1"], "from 1 to 10000"),
      (["exchange", "--speed", "-1"], "from above 0 to 1000"),
      (["gate", "history", "--limit", "-1", "--listen", "nonsense"], "host:port"),
      (["store", "digest", "--data-dir", "/nowhere"], "/nowhere"),
    ])
  func oneLine(arguments: [String], expected: String) async throws {
    try await withTemporaryDirectory { folder in
      let finished = try await CDB.run(arguments, in: folder)
      #expect(finished.exit == .code(2))
      #expect(finished.told.count == 1, "\(finished.told)")
      #expect(finished.told.first?.contains(expected) == true, "\(finished.told)")
      #expect(finished.output.isEmpty)
    }
  }

  @Test(
    "config refuses what run refuses, both with 2 and the same line, and neither leaves anything behind",
    arguments: [
      ("feed.source=foo", "feed.source is foo"), ("feed.source=replay:/nowhere", "/nowhere"),
      ("feed.speed=fast", "feed.speed"), ("http.listen=nonsense", "host:port"),
      ("block.checkpoints=3h,2h", "block.checkpoints"), ("gate.needs_person=luck", "gate.needs_person"),
      ("store.url=mysql://somewhere", "store.url"), ("risk.stop_loss=much", "risk.stop_loss"),
      ("feed.symbols=\((0..<2_000).map { "S\($0)" }.joined(separator: ","))", "feed.symbols"),
    ])
  func configAndRun(setting: String, expected: String) async throws {
    try await withTemporaryDirectory { folder in
      let port = try FreePort.next()
      let arguments = ["--set", "http.listen=127.0.0.1:\(port)", "--set", setting]
      let config = try await CDB.run(["config"] + arguments, in: folder)
      let run = try await CDB.run(["run"] + arguments, in: folder)
      #expect(config.exit == .code(2) && run.exit == .code(2))
      #expect(config.told.count == 1 && config.told == run.told, "\(config.told) \(run.told)")
      #expect(config.told.first?.contains(expected) == true, "\(config.told)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/data"))
    }
  }

  @Test("a limit that never lets go once it has tripped is warned of by config and run, with the figures")
  func snare() async throws {
    try await withTemporaryDirectory { folder in
      let config = try await CDB.run(["config", "--set", "risk.maximum_exposure=0.11"], in: folder)
      #expect(config.exit == .code(0) && config.told.count == 1)
      for part in ["risk.maximum_exposure is 0.11", "at 0.099", "one is 0.1", "set it to 0.11111112"] {
        #expect(config.told.first?.contains(part) == true, "\(config.told)")
      }
      let sufficient = try await CDB.run(["config", "--set", "risk.maximum_exposure=0.11111112"], in: folder)
      #expect(sufficient.told == [])
      let run = try await CDB.run(
        [
          "run", "--duration", "1s", "--listen", "127.0.0.1:\(try FreePort.next())", "--set",
          "risk.maximum_exposure=0.11", "--set", "log.stderr=never",
        ], in: folder)
      #expect(run.exit == .code(0) && run.told.contains(config.told[0]), "\(run.told)")
    }
  }

  @Test("a data directory that cannot be used is refused with what stands in the way, and what to do")
  func oddDataDirectories() async throws {
    try await withTemporaryDirectory { folder in
      let frames = try recording([trade(1)], at: folder + "/file")
      for name in ["nojournal", "nocheckpoints"] {
        try FileManager.default.createDirectory(
          atPath: folder + "/" + name, withIntermediateDirectories: true)
      }
      try Data().write(to: URL(filePath: folder + "/nojournal/journal"))
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/nocheckpoints/checkpoints", withDestinationPath: folder + "/nowhere")
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/dangling", withDestinationPath: folder + "/nowhere")
      for (directory, expected) in [
        ("file", "file is a file, and a folder is needed there; move it away, or choose another"),
        ("file/data", "file is a file"), ("dangling", "dangling is a link that leads nowhere; mend it"),
        ("dangling/data", "dangling is a link"), ("/proc/data", "/proc"),
        ("nojournal", "nojournal/journal is a file"),
        ("nocheckpoints", "nocheckpoints/checkpoints is a link"),
        (String(repeating: "x", count: 300), "; choose another place with --data-dir"),
      ] {
        for arguments in [["run", "--duration", "1s"], ["replay", frames]] {
          let finished = try await CDB.run(
            arguments + ["--data-dir", directory]
              + (arguments[0] == "run" ? ["--listen", "127.0.0.1:\(try FreePort.next())"] : []), in: folder)
          #expect(finished.exit == .code(2), "\(directory)")
          #expect(finished.told.count == 1 && finished.told[0].contains(expected), "\(finished.told)")
          #expect(finished.told.first?.contains("--data-dir") == true)
        }
      }
    }
  }

  @Test(
    "unknown flags and commands end with 2 and one line that names the help to read",
    arguments: [
      (["run", "--bogus"], "cdb run --help"), (["frobnicate"], "cdb --help"),
      (["replay"], "cdb replay --help"),
      (["metrics", "check", "--format", "yaml"], "cdb metrics check --help"),
      (["why", "--set", "x"], "--set takes key=value"),
      (["why", "--since", "banana"], "--since takes a duration such as 90m, 24h or 7d, and not banana"),
      (["why", "--since", "0s"], "cdb why --help"),
      (["wyh"], "there is no command cdb wyh; did you mean cdb why?"),
      (["gate", "hsitory"], "did you mean cdb gate history?"),
      (["run", "--set", "risk.maximum_exposur=1"], "did you mean risk.maximum_exposure?"),
      (["run", "--set", "nope=1"], "unknown configuration key nope (--set nope)"),
      (["run", "--set", "pipeline.batch=abc"], "(--set pipeline.batch)"),
      (["run", "--feed", "sim", "--speed", "max"], "--speed is for recordings"),
      (["core", "--speed", "10"], "--speed is for recordings"),
    ])
  func usage(arguments: [String], expected: String) async throws {
    try await withTemporaryDirectory { folder in
      let finished = try await CDB.run(arguments, in: folder)
      #expect(finished.exit == .code(2))
      #expect(finished.told.count == 1, "\(finished.told)")
      #expect(finished.told.first?.contains(expected) == true, "\(finished.told)")
    }
  }

  @Test("a pipe as a recording is refused: its reader might wait for ever")
  func pipe() async throws {
    try await withTemporaryDirectory { folder in
      try #require(mkfifo(folder + "/pipe", 0o600) == 0)
      let finished = try await CDB.run(["replay", "pipe"], in: folder)
      #expect(finished.exit == .code(2))
      #expect(finished.told.first?.contains("a regular file") == true, "\(finished.told)")
    }
  }

  @Test("a recording whose name has a comma in it is one recording")
  func comma() async throws {
    try await withTemporaryDirectory { folder in
      let path = try recording([trade(1), trade(2)], at: folder + "/a,b.txt")
      #expect(try await CDB.replay([path], in: folder).frames == 2)
    }
  }

  @Test("a port in use ends with 2 and one line that names it")
  func portInUse() async throws {
    try await withTemporaryDirectory { folder in
      let first = try LiveRun(in: folder)
      try await first.during { _ in
        var second = first
        second.dataDirectory = folder + "/second"
        let finished = try await CDB.run(second.arguments, in: folder)
        #expect(finished.exit == .code(2))
        #expect(finished.told.count == 1, "\(finished.told)")
        #expect(
          finished.told.first?.contains("127.0.0.1:\(first.port) is in use") == true, "\(finished.told)")
        #expect(finished.output.isEmpty)
        #expect(
          !FileManager.default.fileExists(atPath: second.dataDirectory), "a failed start left something")
      }
    }
  }

  @Test("a second process in the same data directory is refused and names the first")
  func directoryInUse() async throws {
    try await withTemporaryDirectory { folder in
      let first = try LiveRun(in: folder)
      try await first.during { child in
        let second = try LiveRun(in: folder)
        let finished = try await CDB.run(second.arguments, in: folder)
        #expect(finished.exit == .code(2))
        #expect(finished.told.last?.contains("process \(child.pid)") == true, "\(finished.told)")
      }
    }
  }

  @Test("a folder of garbage that is named like a journal is told from one")
  func garbageJournal() async throws {
    try await withTemporaryDirectory { folder in
      let journal = folder + "/data/journal"
      try FileManager.default.createDirectory(atPath: journal, withIntermediateDirectories: true)
      try String(repeating: "garbage ", count: 4_000).write(to: journal + "/00000000000000000001.seg")
      let replayed = try await CDB.run(["replay", journal], in: folder)
      #expect(replayed.exit == .code(2), "\(replayed.exit)")
      #expect(replayed.told.count == 1, "\(replayed.told)")
      let run = try LiveRun(in: folder, ["--duration", "1s"])
      let started = try await CDB.run(run.arguments, in: folder)
      // It either begins anew beside what it kept aside, and says so, or refuses; it does not crash.
      switch started.exit {
      case .code(0): #expect(run.logLines().contains { $0["event.reason"] == "recovery" })
      default: #expect(started.exit == .code(2), "\(started.errors.suffix(600))")
      }
    }
  }

  @Test(
    "a full disk holds the feed up and is named; with room again the run ends as if nothing had been",
    .needsRoot, .needsRecordings)
  func fullDisk() async throws {
    try await withTemporaryDirectory { folder in
      let expected = try await CDB.replay(RecordedData.both, in: folder).digest
      try await withSmallDisk(megabytes: 64, in: folder) { disk in
        try disk.reserve(megabytes: 58)
        let run = try LiveRun(
          in: folder, dataDirectory: disk.path + "/data",
          feed: "replay:" + RecordedData.both.joined(separator: ","),
          [
            "--speed", "max", "--set", "log.directory=\(folder)/logs", "--set",
            "journal.segment_bytes=1048576",
          ])
        try await run.during { child in
          let body = try await run.health(503)
          #expect(body.contains("No space left on device"), "\(body)")
          let finished = try await run.why()
          #expect(finished.exit == .code(1))
          let answer = try finished.json(as: Answer.self)
          #expect(answer.verdict == "broken")
          #expect(answer.summary.contains("No space left on device"), "\(answer.summary)")
          #expect(child.errors.contains(#""event.reason":"journal_failed""#))
          try disk.free()
          let exit = try await child.exit()
          #expect(exit == .code(0), "\(child.errors.suffix(600))")
        }
        #expect(try await CDB.storeDigest(run.dataDirectory, in: folder) == expected)
      }
    }
  }
}
