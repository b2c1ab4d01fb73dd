import Foundation
import LoopbackPorts

// What scraping and sending costs: `cdb bridge`, which keeps on disk what is not accepted yet, beside vmagent and Prometheus as
// an agent, where they are installed. All scrape the same targets, and send to a receiver that only counts; they take turns.

func number(_ name: String, _ standard: Int) -> Int {
  CommandLine.arguments.first { $0.hasPrefix("--\(name)=") }.flatMap { Int($0.dropFirst(name.count + 3)) }
    ?? standard
}

func word(_ name: String, _ standard: String) -> String {
  CommandLine.arguments.first { $0.hasPrefix("--\(name)=") }.map { String($0.dropFirst(name.count + 3)) }
    ?? standard
}

struct Run {
  var cpu: Double
  var peak: Double
  var bytes: Double
  var typicalAge: Double
  var highAge: Double
  /// Of the samples that the targets have exposed in the time.
  var share: Double
}

func run(_ sender: Sender, _ farm: ScrapeFarm, series: Int, seconds: Int) async throws -> Run {
  let folder = FileManager.default.temporaryDirectory.path + "/remote-write-benchmark-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let receiver = try CountingReceiver()
  defer { receiver.stop() }
  let process = try sender.start(farm.addresses, receiver.url, in: folder, port: FreePort.next())
  defer {
    process.terminate()
    process.waitUntilExit()
  }
  // Until every series is known.
  try await Task.sleep(for: .seconds(8))
  let before = try Sender.usage(of: process)
  _ = receiver.take()
  let begun = ContinuousClock.now
  try await Task.sleep(for: .seconds(seconds))
  let after = try Sender.usage(of: process)
  let counts = receiver.take()
  let elapsed = (ContinuousClock.now - begun) / .seconds(1)
  guard counts.samples > 0, counts.faults == 0 else {
    let words = (try? String(contentsOfFile: folder + "/words", encoding: .utf8)) ?? ""
    throw Sender.Failed(
      description: "\(sender.name): \(counts.faults) requests not understood; \(words.suffix(2_000))")
  }
  return Run(
    cpu: (after.cpu - before.cpu) / Double(counts.samples) * 1e6, peak: after.peak,
    bytes: Double(counts.bytes) / Double(counts.samples), typicalAge: counts.age(0.5),
    highAge: counts.age(0.99),
    share: Double(counts.samples) / (Double(series * farm.addresses.count) * elapsed))
}

let here = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
let cdb = word("cdb", here + "/cdb")
let rounds = number("rounds", 3)
let only = word("only", "")
let all = [
  Sender.bridge(cdb, "`cdb bridge`, 1.0"),
  Sender.bridge(cdb, "`cdb bridge`, 2.0", endpoint: ", protobuf_message: io.prometheus.write.v2.Request"),
  .vmagent, .prometheus,
].filter { only.isEmpty || $0.name.contains(only) }
for sender in all where !sender.isInstalled {
  print("bench: \(sender.program) is not there: no \(sender.name)")
}
let senders = all.filter(\.isInstalled)

for series in [10_000, 50_000] where number("series", series) == series {
  let farm = try ScrapeFarm(targets: number("targets", 10), series: series)
  var runs: [[Run]] = senders.map { _ in [] }
  for _ in 0..<(series > 10_000 ? 1 : rounds) {
    for (index, sender) in senders.enumerated() {
      do {
        runs[index].append(try await run(sender, farm, series: series, seconds: number("seconds", 20)))
      } catch {
        print("bench: \(sender.name): \(error)")
      }
    }
  }
  farm.stop()
  func median(_ index: Int, _ value: (Run) -> Double, _ digits: Int) -> String {
    let sorted = runs[index].map(value).sorted()
    guard !sorted.isEmpty else { return "none" }
    return String(format: "%.\(digits)f", sorted[sorted.count / 2])
  }
  print("\n\(farm.addresses.count) targets with \(series) series each, every second, text format:\n")
  print(
    "| | CPU s a million samples | peak memory MiB | bytes a sample | age s, median | age s, 99 % | came |")
  print("|---|---|---|---|---|---|---|")
  for (index, sender) in senders.enumerated() {
    print(
      "| \(sender.name) | \(median(index, \.cpu, 2)) | \(median(index, \.peak, 0)) | \(median(index, \.bytes, 1)) "
        + "| \(median(index, \.typicalAge, 2)) | \(median(index, \.highAge, 2)) | \(median(index, { $0.share * 100 }, 0)) % |"
    )
  }
}
