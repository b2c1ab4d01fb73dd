import Foundation
import Glibc

// What befalls processes, the network between them, the clock and the processor.
extension OutsideFault {
  private static let silence: Effect = .named(layer: "market_data", reasons: ["silent_feed", "feed_failed"])

  static let processes: [OutsideFault] = [
    OutsideFault(
      name: "the exchange is stopped", effect: silence, joins: true,
      inject: { await $0.signalExchange(SIGSTOP) }, cure: { await $0.signalExchange(SIGCONT) }),
    OutsideFault(
      name: "the exchange is killed", effect: silence, joins: true,
      inject: { await $0.killExchange() }, cure: { try await $0.startExchange() }),
    OutsideFault(
      name: "the process is held up for seven seconds", effect: .unanswered(later: "process_held_up"),
      inject: { await $0.signalRun(SIGSTOP) }, cure: { await $0.signalRun(SIGCONT) }),
    OutsideFault(
      name: "the process is held up for two seconds", effect: .unnoticed,
      inject: { world in
        await world.signalRun(SIGSTOP)
        try await ContinuousClock().sleep(for: .seconds(2))
        await world.signalRun(SIGCONT)
      }, cure: { _ in }),
    OutsideFault(
      name: "the process is killed", effect: .unanswered(later: "unplanned_restart"), wayBack: .afterRestart,
      inject: { await $0.killRun() }, cure: { try await $0.startRun() }),
    OutsideFault(
      name: "the threads of the timers and the store stand still",
      effect: .named(layer: "system", reasons: ["held_up"]), canShut: false,
      inject: { try await $0.stopThreads(named: "overcommit") }, cure: { await $0.releaseThreads() }),
    OutsideFault(
      name: "the threads of the network stand still", effect: .unanswered(later: "silent_feed"),
      inject: { try await $0.stopThreads(named: "NIO-SGLTN-1-#1") }, cure: { await $0.releaseThreads() }),
    OutsideFault(
      name: "no files can be opened any more",
      effect: .named(layer: "market_data", reasons: ["stage_failed"]),
      also: [.named(layer: "system", reasons: ["check_unavailable"])], mayTrap: true, limit: .seconds(20),
      inject: { try await $0.limitFiles() }, cure: { try await $0.unlimitFiles() }),
    OutsideFault(
      name: "the token is deleted", effect: .unnoticed, joins: true,
      inject: { try FileManager.default.removeItem(atPath: $0.data + "/token") }, cure: { _ in }),
    OutsideFault(
      name: "the port is taken before the start", effect: .refusal(words: "in use"), wayBack: .afterRestart,
      inject: { world in
        _ = await world.stopRun()
        try await world.takePort()
        try await world.startRun()
      },
      cure: { world in
        await world.givePortBack()
        try await world.startRun()
      }),
  ]

  static let processor: [OutsideFault] = [
    OutsideFault(
      name: "the process gets next to no processor time",
      // An answer may take longer than anybody waits; what comes must be right.
      effect: .unanswered(later: "held_up"), also: [.named(layer: "system", reasons: ["held_up"])],
      limit: .seconds(15),
      inject: { try await $0.starve() }, cure: { try await $0.feed() })
  ]

  static let network: [OutsideFault] = [
    OutsideFault(
      name: "the wire is cut", effect: silence, needsWire: true, joins: true,
      inject: { try await $0.wire?.inside(["ip", "link", "set", "w0", "down"]) },
      cure: { try await $0.wire?.inside(["ip", "link", "set", "w0", "up"]) }),
    OutsideFault(
      name: "the exchange's end of the wire is cut", effect: silence, needsWire: true, joins: true,
      inject: { try await Tool.run(["ip", "link", "set", $0.wire?.outer ?? "", "down"]) },
      cure: { world in
        guard let wire = world.wire else { return }
        try await Tool.run(["ip", "link", "set", wire.outer, "up"])
      }),
    OutsideFault(
      name: "the wire is so narrow that everything comes late",
      effect: .named(layer: "market_data", reasons: ["stale_data"]), limit: .seconds(15), needsWire: true,
      inject: { try await $0.narrowWire(to: "60kbit") }, cure: { try await $0.widenWire() }),
    OutsideFault(
      name: "the wire is so narrow that next to nothing comes",
      effect: .named(layer: "market_data", reasons: ["stale_data", "silent_feed", "feed_failed"]),
      limit: .seconds(15), needsWire: true,
      inject: { try await $0.narrowWire(to: "8kbit") }, cure: { try await $0.widenWire() }),
  ]

  static let clock: [OutsideFault] = ["+3600", "-1.5"].map { offset in
    OutsideFault(
      name: "the clock jumps by \(offset) s", effect: .named(layer: "system", reasons: ["clock_jump"]),
      environment: [
        "LD_PRELOAD": Faketime.library ?? "", "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_TIMESTAMP_FILE": "offset",
      ],
      inject: { _ = try offset.write(to: $0.folder + "/offset") }, cure: { _ in })
  }
}
