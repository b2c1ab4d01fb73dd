import ArgumentParser
import CDBServices
import Foundation
import ServiceRuntime

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Sends recorded frames or a journal through the same stages.",
    discussion: """
      Prints totals, the rate, and a digest of the resulting store: the same input gives the same digest. With
      --data-dir the result is kept, and a replay that was interrupted goes on; without, nothing is left behind.

      EXAMPLES
        cdb replay btc.gz,eth.gz --json
        cdb replay data/journal
        cdb replay btc.gz eth.gz --speed 10 --data-dir /tmp/replay
      """)

  @OptionGroup var settings: SettingsOptions
  @Argument(help: "Recorded files, or a journal; separated by spaces or commas.")
  var paths: [String]
  @Option(parsing: .unconditional, help: "A factor above 0, or max.")
  var speed = "max"
  @Option(parsing: .unconditional, help: "How often the recording is replayed, from 1.")
  var loops: Int?
  @Option(help: ArgumentHelp("Writes the report as JSON to a file.", valueName: "file"))
  var report: String?
  @Flag(help: "The report as JSON.")
  var json = false

  func run() async throws {
    let effective = try settings.load([
      "feed.source": "replay:" + paths.joined(separator: ","), "feed.speed": speed,
      "feed.loops": loops.map(String.init),
    ])
    let bar = ProgressLine(isTerminal: isatty(STDERR_FILENO) == 1)
    let replay = ReplayService(settings: effective) { frames, elapsed in
      bar.show("\(frames) frames, \(Int(Double(frames) / max(0.001, elapsed / .seconds(1)))) a second")
    }
    let outcome = try await replay.run(
      keeping: settings.dataDirectory != nil || isConfigured(effective.origin("data_dir")))
    bar.clear()
    let text = json ? try outcome.report.json() : outcome.report.text
    print(text)
    if let report {
      try (try outcome.report.json() + "\n").write(toFile: report, atomically: true, encoding: .utf8)
    }
    for notice in outcome.report.notices { PersonalOutput.warn("cdb: \(notice)") }
    if !outcome.report.balanced || !outcome.report.complete { throw ExitCode(1) }
  }
}

extension ReplayCommand {
  /// Whether somebody asked for that directory, rather than the default holding.
  private func isConfigured(_ origin: (some CustomStringConvertible)?) -> Bool {
    origin.map { $0.description != "default" } ?? false
  }
}

/// One line on a terminal that is written over again and again; nothing where there is no terminal.
struct ProgressLine: Sendable {
  let isTerminal: Bool

  func show(_ text: String) {
    guard isTerminal else { return }
    PersonalOutput.show("\r\u{1B}[2K\(text)")
  }

  func clear() {
    guard isTerminal else { return }
    PersonalOutput.show("\r\u{1B}[2K")
  }
}
