import Foundation

// What befalls files, file systems and disks.
extension OutsideFault {
  private static let journalFails: Effect = .named(layer: "market_data", reasons: ["stage_failed"])
  private static let storeFails: Effect = .named(layer: "database", reasons: ["stage_failed"])
  private static let logIsLost: Effect = .named(layer: "system", reasons: ["log_path_silent"])

  static let storage: [OutsideFault] = [
    OutsideFault(
      name: "the disk of the journal is full", effect: journalFails, joins: true,
      inject: { try $0.disk.fill(.journal) }, cure: { try $0.disk.free(.journal) }),
    OutsideFault(
      name: "the disk of the store is full", effect: storeFails, joins: true,
      inject: { try $0.disk.fill(.store) }, cure: { try $0.disk.free(.store) }),
    OutsideFault(
      name: "every disk is full", effect: journalFails, along: [storeFails],
      inject: { world in for part in OutsideDisk.Part.allCases { try world.disk.fill(part) } },
      cure: { world in for part in OutsideDisk.Part.allCases { try world.disk.free(part) } }),
    OutsideFault(
      name: "the disk of the log is full", effect: logIsLost,
      inject: { try await $0.fillTheLogsDisk() }, cure: { try $0.disk.free(.log) }),
    OutsideFault(
      name: "the log file is deleted", effect: .unnoticed, joins: true,
      inject: { try FileManager.default.removeItem(atPath: $0.log) }, cure: { _ in }),
    OutsideFault(
      name: "a folder stands where the log file was", effect: logIsLost,
      inject: { world in
        try FileManager.default.moveItem(atPath: world.log, toPath: world.log + ".old")
        try FileManager.default.createDirectory(atPath: world.log, withIntermediateDirectories: false)
      },
      cure: { try FileManager.default.removeItem(atPath: $0.log) }),
    OutsideFault(
      name: "a pipe stands where the log file was", effect: logIsLost,
      inject: { world in
        try FileManager.default.moveItem(atPath: world.log, toPath: world.log + ".old")
        guard mkfifo(world.log, 0o600) == 0 else { throw SocketError("mkfifo") }
      },
      cure: { try FileManager.default.removeItem(atPath: $0.log) }),
    OutsideFault(
      name: "the store is deleted", effect: storeFails, wayBack: .afterRestart, joins: true,
      inject: { try $0.deleteStore() }, cure: { try await $0.restartRun() }),
    OutsideFault(
      name: "another process locks the store",
      effect: .named(layer: "database", reasons: ["stalled", "stage_failed"]),
      limit: .seconds(15),
      inject: { try await $0.lockStore() }, cure: { await $0.unlockStore() }),
    OutsideFault(
      name: "the journal's newest segment is deleted", effect: journalFails, wayBack: .afterRestart,
      inject: { try FileManager.default.removeItem(atPath: try $0.newestSegment()) },
      cure: { try await $0.restartRun() }),
    OutsideFault(
      name: "the journal's oldest segment is deleted", effect: .unnoticed,
      inject: { try FileManager.default.removeItem(atPath: try $0.segments()[0]) }, cure: { _ in }),
    OutsideFault(
      name: "the data directory is deleted", effect: journalFails, wayBack: .afterRestart,
      along: [storeFails], disk: .plain,
      inject: { try FileManager.default.removeItem(atPath: $0.data) }, cure: { try await $0.restartRun() }),
    OutsideFault(
      name: "the journal's folder takes no files", effect: journalFails, disk: .plain,
      inject: { try await Tool.run(["chattr", "+i", $0.data + "/journal"]) },
      cure: { try await Tool.run(["chattr", "-i", $0.data + "/journal"]) }),
    OutsideFault(
      name: "the file system is frozen",
      effect: .named(layer: "market_data", reasons: ["stalled"]), isCauseKnown: false, limit: .seconds(15),
      disk: .image,
      inject: { try await $0.disk.freeze() }, cure: { try await $0.disk.thaw() }),
    OutsideFault(
      name: "the file system turns read-only", effect: journalFails, wayBack: .afterRestart,
      along: [storeFails], disk: .image,
      // As the kernel does it after an error of the device.
      inject: { world in
        try await Tool.run(["sync", "-f", world.data])
        _ = await Tool.succeeds(["mount", "-o", "remount,abort", world.data])
      },
      cure: { world in
        _ = await world.stopRun()
        try await world.disk.repair()
        try await world.startRun()
      }),
  ]

  static let damage: [OutsideFault] = [
    OutsideFault(
      name: "every page of the store is damaged while it runs",
      effect: .named(layer: "database", reasons: ["store_inconsistent", "stage_failed"]), wayBack: .byPerson,
      limit: .seconds(40),
      inject: { try await $0.damageStore() },
      cure: { world in
        _ = await world.stopRun()
        try world.deleteStore()
        try await world.startRun()
      }),
    OutsideFault(
      name: "the store's write-ahead log is damaged before a start",
      effect: .unanswered(later: "unplanned_restart"),
      wayBack: .afterRestart,
      inject: { world in
        await world.killRun()
        try world.flip(world.data + "/store.sqlite-wal", every: 4_120, from: 200)
      },
      cure: { try await $0.startRun() }),
    OutsideFault(
      name: "every checkpoint is damaged before a start", effect: .unanswered(later: "restart"),
      wayBack: .afterRestart,
      inject: { world in
        await world.killRun()
        for path in try world.checkpointFiles() { try world.flip(path, every: 97, from: 10) }
      },
      cure: { try await $0.startRun() }),
    OutsideFault(
      name: "the journal is damaged where a start needs it",
      effect: .refusal(words: "the journal is damaged"),
      wayBack: .afterRestart,
      inject: { world in
        await world.killRun()
        for path in try world.checkpointFiles() { try FileManager.default.removeItem(atPath: path) }
        try world.flip(try world.segments()[0], every: 1 << 30, from: 20_000)
        try await world.startRun()
      },
      cure: { world in
        try world.flip(try world.segments()[0], every: 1 << 30, from: 20_000)
        try await world.startRun()
      }),
    OutsideFault(
      name: "the journal is damaged behind the run", effect: .unnoticed,
      inject: { try $0.flip(try $0.segments()[0], every: 5_000, from: 3_000) }, cure: { _ in }),
  ]
}
