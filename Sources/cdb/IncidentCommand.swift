import ArgumentParser
import CDBDomain
import CDBGate
import CDBServices
import Foundation
import ServiceRuntime

struct IncidentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incident",
    abstract: "What went wrong, from its first sign until nothing is left to be done.",
    discussion: """
      An interruption (a notice) closes itself. What is worse needs a person: acknowledge it, write down what caused
      it, let the gate verify, and close it. Without a subcommand it lists what is not closed.

      EXAMPLES
        cdb incident
        cdb incident show 3
        cdb incident ack 3
        cdb incident cause 3 --text "the switch in the rack lost its power"
        cdb incident close 3 --words "the power supply was replaced"
      """,
    subcommands: [List.self, Show.self, Acknowledge.self, Cause.self, Close.self],
    defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "The incidents that are not closed, newest first. Exit code 0 when there is none, 1 when there is.",
      discussion: """
        EXAMPLES
          cdb incident list
          cdb incident list --all --json
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption
    @Flag(help: "Closed ones too.")
    var all = false

    func run() async throws {
      let found = try await service.client().decoded(
        RunOperations.Incidents.self, of: "incidents", query: all ? ["all": "true"] : [:]
      ).incidents
      if service.json {
        print(String(decoding: try JSONOutput.encode(found), as: UTF8.self))
      } else if found.isEmpty {
        print(Translation(en: "no incident", de: "kein Vorfall")[language.chosen])
      } else {
        for incident in found { print(incident.line(in: language.chosen)) }
      }
      if found.contains(where: { $0.state != .closed }) { throw ExitCode(1) }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One incident with its evidence, its history, and what to do next.",
      discussion: """
        EXAMPLES
          cdb incident show 3
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption
    @Argument(help: "The incident's number.")
    var number: UInt64

    func run() async throws {
      let found = try await service.client().decoded(
        RunOperations.Incidents.self, of: "incidents", query: ["number": "\(number)"]
      ).incidents
      for incident in found { try service.show(incident, in: language.chosen) }
    }
  }

  struct Acknowledge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ack", abstract: "Says that you have seen it.",
      discussion: """
        EXAMPLES
          cdb incident ack 3 --words "I am looking at it"
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption
    @Argument(help: "The incident's number.")
    var number: UInt64
    @Option(help: "What you want to say with it.")
    var words: String?

    func run() async throws {
      try await service.change(
        "incident.acknowledge", RunOperations.AcknowledgeInput(incident: number, words: words),
        in: language.chosen)
    }
  }

  struct Cause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes down what caused it; the gate may verify again then.",
      discussion: """
        EXAMPLES
          cdb incident cause 3 --text "the switch in the rack lost its power"
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption
    @Argument(help: "The incident's number.")
    var number: UInt64
    @Option(help: "What caused it.")
    var text: String

    func run() async throws {
      try await service.change(
        "incident.cause", RunOperations.RootCauseInput(incident: number, text: text), in: language.chosen)
    }
  }

  struct Close: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Closes it, once it is over and, from a warning on, verified.",
      discussion: """
        EXAMPLES
          cdb incident close 3 --words "the power supply was replaced"
        """)
    @OptionGroup var service: ServiceOptions
    @OptionGroup var language: LanguageOption
    @Argument(help: "The incident's number.")
    var number: UInt64
    @Option(help: "What is to be remembered of it.")
    var words: String?

    func run() async throws {
      try await service.change(
        "incident.close", RunOperations.AcknowledgeInput(incident: number, words: words), in: language.chosen)
    }
  }
}

extension ServiceOptions {
  fileprivate func change(_ operation: String, _ input: some Encodable & Sendable, in language: Language)
    async throws
  {
    let body = try await client().change(operation, input)
    let report = try JSONDecoder().decode(IncidentReport.self, from: Data(body))
    try show(report.incident, in: language)
    if !report.isJournaled { try CommandFailure.unjournaled(in: language) }
  }

  fileprivate func show(_ incident: Incident, in language: Language) throws {
    try show(incident, as: incident.text(in: language))
  }
}
