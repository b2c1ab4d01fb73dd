import ArgumentParser
import CDBServices

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Everything on one screen: the answer, gate and checks, stages, account, incidents, block.",
    discussion: """
      It looks twice, a second apart, for the rates. cdb why says more of the cause.

      Exit code 0 when it trades, 1 when it does not, 3 when nothing answers.

      EXAMPLES
        cdb status
        cdb status --listen 127.0.0.1:8004 --language de
        cdb status --json | jq '.stages[] | {stage, received_per_second}'
      """)

  @OptionGroup var service: ServiceOptions
  @OptionGroup var language: LanguageOption

  func run() async throws {
    let screen = try await service.client().statusScreen()
    try service.show(screen, as: screen.text(in: language.chosen))
    if !screen.trading { throw ExitCode(1) }
  }
}
