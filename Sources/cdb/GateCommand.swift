import ArgumentParser
import CDBDomain
import CDBGate
import CDBServices
import Foundation
import ServiceRuntime

struct GateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate", abstract: "What lets the pipeline act: the gate, its five checks, and its history.",
    discussion: """
      Without a subcommand it shows the status.

      EXAMPLES
        cdb gate                        is it open, and if not, why not
        cdb gate checks                 the five checks with their evidence
        cdb gate history --limit 200    who changed what, when and why
        cdb gate policy                 what it does by itself, and what needs a person
        cdb gate verify                 whether anybody has changed the record of it
        cdb gate close --reason maintenance
        cdb gate open --justification "the cause is mended"
        cdb gate serve                  the gate as a process of its own, beside those of the stages
      """,
    subcommands: [
      Status.self, Checks.self, History.self, Policy.self, Verify.self, Open.self, Close.self,
      Serve.self,
    ],
    defaultSubcommand: Status.self)

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The gate's state, since when and why. Exit code 0 when it is open, 1 when it is not.",
      discussion: """
        EXAMPLES
          cdb gate status
          cdb gate status --json | jq -r .state
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption

    func run() async throws {
      let report = try await service.client().decoded(GateReport.self, of: "gate.status")
      if service.json {
        print(String(decoding: try JSONOutput.encode(report), as: UTF8.self))
      } else {
        print(report.text(in: language.chosen))
      }
      if report.state != .open { throw ExitCode(1) }
    }
  }

  struct Checks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The five checks with their evidence. Exit code 0 when all have passed, 1 when not.",
      discussion: """
        EXAMPLES
          cdb gate checks
          cdb gate checks --language de
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption

    func run() async throws {
      let report = try await service.client().decoded(GateReport.self, of: "gate.status")
      if service.json {
        print(String(decoding: try JSONOutput.encode(report.checks), as: UTF8.self))
      } else {
        print(report.checksText(in: language.chosen))
      }
      if report.firstMissing != nil { throw ExitCode(1) }
    }
  }

  struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The gate's transitions and the changes of its verdicts, newest first, from the store.",
      discussion: """
        EXAMPLES
          cdb gate history
          cdb gate history --limit 200 --json
        """)
    @OptionGroup var service: ServiceOptions
    @Option(parsing: .unconditional, help: "How many entries, 1 to 1000.")
    var limit = 30

    func run() async throws {
      let history = try await service.client().decoded(
        RunOperations.History.self, of: "gate.history", query: ["limit": "\(limit)"])
      if service.json {
        print(String(decoding: try JSONOutput.encode(history), as: UTF8.self))
      } else {
        for entry in history.entries { print(entry.line) }
      }
    }
  }

  struct Policy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Which checks are renewed when, what the gate may do by itself, and what needs a person.",
      discussion: """
        EXAMPLES
          cdb gate policy
          cdb gate policy --json | jq .needs_person
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption

    func run() async throws {
      let policy = try await service.client().decoded(GatePolicyReport.self, of: "gate.policy")
      try service.show(policy, as: policy.text(in: language.chosen))
    }
  }

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Checks the chain over all decisions in the store, and holds them against the journal.",
      discussion: """
        Every decision (who, what, why, on what evidence) is linked to the one before it by a hash. Note the head that
        this prints where nobody else can write; with --head it must still be in the chain later.

        The evidence of incidents is looked for in --data-dir, and so is the journal, unless --journal says where it is:
        of services, ws has the journal, the gate has the evidence, and store.url has the decisions.

        It asks no running service, and so has no --listen: whoever changed the record could have changed the service
        that would answer. It reads the store and the files themselves, whether something runs on them or not.

        Exit code 0 when nothing was changed, added or taken away; 1 when something was, or when a part could not be
        compared; 2 when there is no store.

        EXAMPLES
          cdb gate verify
          cdb gate verify --head 3f1c… --export decisions.jsonl
          cdb gate verify --data-dir gate-data --journal ws-data --set store.url_file=store-url
        """)
    @OptionGroup var settings: SettingsOptions
    @OptionGroup var language: LanguageOption
    @Option(help: ArgumentHelp("A link that must be in the chain.", valueName: "hash"))
    var head: String?
    @Option(help: ArgumentHelp("Writes the decisions to a file, one JSON object a line.", valueName: "file"))
    var export: String?
    @Option(
      help: ArgumentHelp(
        "The journal, or the data directory that it is in; --data-dir's unless told.", valueName: "dir")
    )
    var journal: String?
    @Flag(help: "The answer as JSON.")
    var json = false
    @Option(help: .hidden)
    var listen: String?

    func validate() throws {
      guard listen == nil else {
        throw ValidationError(
          "gate verify asks no running service and takes no --listen: it reads the store and the journal themselves; "
            + "name them with --data-dir, --journal and --set store.url_file=…")
      }
    }

    func run() async throws {
      let effective = try settings.load()
      let trail = try await AuditTrail(effective, head: head, journal: journal)
      if let export { try write(trail, to: export) }
      try JSONOutput.show(trail, isJSON: json, as: trail.text(in: language.chosen))
      if !trail.isProven { throw ExitCode(1) }
    }

    private func write(_ trail: AuditTrail, to path: String) throws {
      let exported = try trail.exported()
      do {
        try exported.write(to: URL(filePath: path))
      } catch {
        throw ValidationError("\(path) cannot be written: \(Failures.words(of: error)); name another file")
      }
    }
  }

  struct Open: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Begins the verification; five passes open the gate. Waits for the outcome.",
      discussion: """
        EXAMPLES
          cdb gate open --justification "the cause is found and mended"
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption
    @Option(name: [.long, .customLong("reason")], help: "Why it may open again.")
    var justification: String

    func run() async throws {
      let client = try service.client()
      _ = try await client.change("gate.open", RunOperations.OpenInput(justification: justification))
      let report = try await GateWaiter(client: client).settled()
      try service.show(report, as: report.text(in: language.chosen))
      if report.state != .open { throw ExitCode(1) }
    }
  }

  struct Close: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Closes the gate, and leaves it closed until somebody opens it.",
      discussion: """
        EXAMPLES
          cdb gate close --reason maintenance
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption
    @Option(name: [.long, .customLong("justification")], help: "Why it is closed.")
    var reason: String

    func run() async throws {
      let body = try await service.client().change(
        "gate.close", RunOperations.StopInput(reason: reason), isDoneLate: true)
      let report = try JSONDecoder().decode(GateChangeReport.self, from: Data(body))
      try report.show(json: service.json, in: language.chosen)
    }
  }
}

extension GateChangeReport {
  /// Prints it; exit code 1 where a crash could still lose what was asked.
  func show(json: Bool, in language: Language) throws {
    if json {
      print(String(decoding: try JSONOutput.encode(self), as: UTF8.self))
    } else if let gate {
      print(gate.text(in: language))
    } else {
      print(Translation(en: "done; this run has no gate", de: "getan; dieser Lauf hat kein Gate")[language])
    }
    if !isJournaled { try CommandFailure.unjournaled(in: language) }
  }
}
