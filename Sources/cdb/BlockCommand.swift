import ArgumentParser
import CDBDomain
import CDBGate
import CDBServices
import Foundation
import ServiceRuntime

struct BlockCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "block", abstract: "72-hour runs between two analyses: start, look, end, report.",
    discussion: """
      Without a subcommand it shows the status. How long a block lasts, and when it is looked at, are the settings
      block.duration and block.checkpoints of the run.

      EXAMPLES
        cdb block start
        cdb block                       how far it is, and what comes next
        cdb block finish --reason "the exchange is down for maintenance"
        cdb block report                read it: blocks/0001/ in the data directory
        cdb block report --lesson "the spread limit is too tight at night" --todo "measure the spread by hour"
      """,
    subcommands: [Status.self, Start.self, Finish.self, Report.self], defaultSubcommand: Status.self)

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Where the newest block stands. Exit code 0 while one runs, 1 when none does.",
      discussion: """
        EXAMPLES
          cdb block status
          cdb block status --json | jq .state
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption

    func run() async throws {
      let status = try await service.client().decoded(BlockStatus.self, of: "block.status")
      try service.show(status, as: status.text(in: language.chosen))
      if status.state != .running { throw ExitCode(1) }
    }
  }

  struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Begins the next block: with an open gate, a fresh canary, and the last block analysed.",
      discussion: """
        Exit code 0 when it has begun, 1 when something must come first.

        EXAMPLES
          cdb block start
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption

    func run() async throws {
      let body = try await service.client().change("block.start", NoInput())
      try JSONDecoder().decode(BlockAnswer.self, from: Data(body))
        .show(json: service.json, in: language.chosen)
    }
  }

  struct Finish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ends the block before its time. It ends by itself when its time is up.",
      discussion: """
        EXAMPLES
          cdb block finish --reason "the exchange is down for maintenance"
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption
    @Option(name: [.long, .customLong("justification")], help: "Why it ends before its time.")
    var reason: String?

    func run() async throws {
      let body = try await service.client().change(
        "block.finish", RunOperations.BlockFinishInput(reason: reason))
      try JSONDecoder().decode(BlockAnswer.self, from: Data(body))
        .show(json: service.json, in: language.chosen)
    }
  }

  struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Has the report of the newest block made, and adds what was learned.",
      discussion: """
        The files are report.md and report.html, report.de.md and report.de.html, and decision-log.md. Lessons make the
        block analysed, and only then the next one may begin. Exit code 0 when the report is made, whatever its verdict.

        EXAMPLES
          cdb block report
          cdb block report --lesson "the spread limit is too tight at night" --todo "measure the spread by hour"
          cdb block report --decision-log docs/05_governance/DECISION_LOG.md
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption
    @Option(name: .customLong("lesson"), parsing: .singleValue, help: "What was learned; may be repeated.")
    var lessons: [String] = []
    @Option(name: .customLong("todo"), parsing: .singleValue, help: "What is to be done; may be repeated.")
    var todos: [String] = []
    @Option(
      help: ArgumentHelp(
        "Appends the block's entry to this log, once; the block must be analysed.", valueName: "file"))
    var decisionLog: String?

    func run() async throws {
      let body = try await service.client().change(
        "block.report", RunOperations.BlockReportInput(lessons: lessons, todos: todos))
      let answer = try JSONDecoder().decode(BlockReportAnswer.self, from: Data(body))
      if service.json {
        print(String(decoding: try JSONOutput.encode(answer), as: UTF8.self))
      } else {
        for line in answer.summary(in: language.chosen) { print("- \(line)") }
        print(answer.status.text(in: language.chosen))
      }
      if let decisionLog { try append(answer, to: decisionLog) }
      if !answer.isJournaled { try CommandFailure.unjournaled(in: language.chosen) }
    }

    private func append(_ answer: BlockReportAnswer, to path: String) throws {
      let language = language.chosen
      guard answer.status.state == .analysed else {
        CommandFailure.say(
          Translation(
            en: "not appended: the block is not analysed yet (--lesson …)",
            de: "nicht angehängt: der Block ist noch nicht ausgewertet (--lesson …)")[language])
        throw ExitCode(1)
      }
      let isNew = try DecisionLogFile.append(answer.decisionLogEntry, to: path)
      let words =
        isNew
        ? Translation(en: "appended to \(path)", de: "angehängt an \(path)")
        : Translation(en: "\(path) has this block already", de: "\(path) hat diesen Block schon")
      if !service.json { print(words[language]) }
    }
  }
}

extension BlockAnswer {
  /// Prints it; exit code 1 where a crash could still lose what was asked.
  func show(json: Bool, in language: Language) throws {
    try JSONOutput.show(self, isJSON: json, as: status.text(in: language))
    if !isJournaled { try CommandFailure.unjournaled(in: language) }
  }
}
