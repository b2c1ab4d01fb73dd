import CDBPipeline
import CDBServices
import Foundation
import PostgresTesting

/// `make bench`: figures as Markdown on standard output; docs/benchmarks.md keeps them with their machine.
///
/// Pairs of runs take turns in one process, so that a ratio compares like with like on a shared machine.
@main
struct Benchmarks {
  static let realRecordings = ["spot-btcusdt_20240808.gz", "spot-ethusdt_20240808.gz"]

  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    let rounds = arguments.first { $0.hasPrefix("--rounds=") }.flatMap { Int($0.dropFirst(9)) } ?? 3
    let frames = arguments.first { $0.hasPrefix("--frames=") }.flatMap { Int($0.dropFirst(9)) } ?? 2_000_000
    let recording = try recordings()
    let (paths, framesAPass, isReal) = (recording.paths, recording.framesAPass, recording.isReal)
    let benchmark = PipelineBenchmark(paths: paths, loops: (frames + framesAPass - 1) / framesAPass)

    if arguments.contains("--store") { return try await store(rounds) }
    if arguments.contains("--services") { return try await services(recording) }

    print("Machine: \(Machine.description); cdb \(SuiteVersion.current) (\(BuildRevision.current)).")
    print(isReal ? "Recording: \(realRecordings.joined(separator: ", "))." : "Recording: simulated.")
    let read = try benchmark.readOnly()
    let decoded = try benchmark.decodeOnly()
    print("\n| what | frames/s | CPU µs a frame |\n|---|---|---|")
    print("| read, unpack and merge only, one thread | \(rate(read)) | \(cost(read)) |")
    print("| the same and decode, one thread | \(rate(decoded)) | \(cost(decoded)) |")

    var instrumented: [PipelineBenchmark.Result] = []
    var bare: [PipelineBenchmark.Result] = []
    for _ in 0..<rounds {
      instrumented.append(try await benchmark.run(.all))
      bare.append(try await benchmark.run([]))
    }
    show("all five stages, journal, store, everything on", instrumented)
    show("the same without metrics, logs and ledger", bare)
    guard let best = instrumented.min(by: { $0.cpuSeconds < $1.cpuSeconds }),
      let bestBare = bare.min(by: { $0.cpuSeconds < $1.cpuSeconds })
    else { return }

    print("\nCPU µs a frame by stage, everything on (the rest is reading, the journal and the runtime):\n")
    print("| " + best.report.stages.map(\.stage).joined(separator: " | ") + " | process |")
    print(String(repeating: "|---", count: best.report.stages.count + 1) + "|")
    let stages = best.report.stages.map { fixed($0.cpuMicrosecondsPerFrame, 3) }
    print(
      "| "
        + (stages + [fixed(best.cpuSeconds / Double(best.report.frames) * 1e6, 3)]).joined(separator: " | ")
        + " |")

    let share = (best.cpuSeconds - bestBare.cpuSeconds) / best.cpuSeconds
    print("\nInstrumentation's share of CPU time, best of \(rounds) each: \(fixed(share * 100, 1)) %.")
    print("Peak resident memory: \(fixed(instrumented.map(\.peakMemory).max() ?? 0, 1)) MiB.")
    print(
      "Frames: \(best.report.frames); ledger \(best.report.balanced ? "balanced" : "NOT BALANCED"); "
        + "digest \(best.report.digest.prefix(16)), the same in all runs with everything on: "
        + "\(Set(instrumented.map(\.report.digest)).count == 1).")
    try await store(rounds)
    try await services(recording)
  }

  /// The stages as services, where there are servers.
  private static func services(_ recording: Recording) async throws {
    let (paths, framesAPass) = (recording.paths, recording.framesAPass)
    guard PostgresServer.installed != nil else { return print("\n\(PostgresServer.comment)") }
    guard
      let result = try await ServicesBenchmark(paths: paths, loops: 14, framesAPass: framesAPass).run()
    else { return }
    print(
      "\nServices over Redis and PostgreSQL, \(result.frames) frames in \(fixed(result.seconds, 1)) s: \(Int(result.rate)) "
        + "frames/s; redis-benchmark's XADD, 100 under way, one client: \(Int(result.appendRate)) a second; ratio "
        + "\(fixed(result.rate / result.appendRate, 2)).")
    let ages = RowAgeBenchmark(paths: paths, framesAPass: framesAPass, secondsAPass: recording.seconds)
    guard let age = try await ages.run(rate: 2_000, passes: 2) else { return }
    print(
      "\nFrom a frame to a committed row that follows from it, at \(Int(age.framesASecond)) frames/s, \(Int(age.rows)) rows: "
        + "median \(fixed(age.p50 * 1_000, 1)) ms, 99th percentile \(fixed(age.p99 * 1_000, 1)) ms (goal: under 50)."
    )
  }

  /// The store on a server, where there is one.
  private static func store(_ rounds: Int) async throws {
    guard PostgresServer.installed != nil else { return print("\n\(PostgresServer.comment)") }
    let result = try await StoreBenchmark(rounds: rounds, orders: 33_200).run()
    print(
      "\nPostgreSQL, \(result.rows) rows, \(StoreBenchmark.rowsPerCommit) a commit, median of \(rounds) rounds: db_writer's commits "
        + "\(Int(result.commitRate)) rows/s; COPY of the same rows into the same tables, "
        + "\(StoreBenchmark.rowsPerCommit) a transaction, \(Int(result.copyRate)) rows/s; "
        + "ratio \(fixed(result.ratio, 2)) (goal 0.50).")
  }

  private static func show(_ name: String, _ results: [PipelineBenchmark.Result]) {
    let rates = results.map(\.report.framesPerSecond).sorted()
    let costs = results.map { $0.cpuSeconds / Double($0.report.frames) * 1e6 }.sorted()
    print(
      "| \(name) | \(Int(rates[rates.count / 2])) (\(Int(rates[0]))–\(Int(rates[rates.count - 1]))) "
        + "| \(fixed(costs[costs.count / 2], 2)) |")
  }

  private struct Recording {
    var paths: [String]
    var framesAPass: Int
    /// From the first frame to the last, as it was recorded.
    var seconds: Double
    var isReal: Bool
  }

  /// The recorded files beside the checkout, or a recording of the simulated market.
  private static func recordings() throws -> Recording {
    let folder = URL(filePath: #filePath).appending(path: "../../../../../shared/data/market/binance-ws")
      .standardized
    let paths = realRecordings.map { folder.appending(path: $0).path() }
    if paths.allSatisfy(FileManager.default.isReadableFile) {
      return Recording(paths: paths, framesAPass: 74_867, seconds: 344.7, isReal: true)
    }
    let path = FileManager.default.temporaryDirectory.appending(path: "cdb-bench-recording.txt").path()
    let seconds = try SimulatedRecording.write(frames: 75_000, to: path)
    return Recording(paths: [path], framesAPass: 75_000, seconds: seconds, isReal: false)
  }

  private static func rate(_ result: (frames: Int, seconds: Double)) -> Int {
    Int(Double(result.frames) / result.seconds)
  }

  private static func cost(_ result: (frames: Int, seconds: Double)) -> String {
    fixed(result.seconds / Double(result.frames) * 1e6, 2)
  }

  private static func fixed(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }
}
