import CDBDomain
import ArgumentParser
import CDBServices
import Foundation
import enum ServiceRuntime.NearestName
import enum ServiceRuntime.PersonalOutput

/// How a command that failed ends: one line on standard error, and the exit code that says what kind it was.
enum CommandFailure {
  /// The parser's own exit code for wrong usage; the suite's is 2.
  private static let parserUsage: Int32 = 64

  static func end(_ error: any Error, of command: any ParsableCommand.Type) -> Never {
    if error is ExitCode || error is CleanExit || error is ValidationError || isParserError(error) {
      let code = command.exitCode(for: error)
      if code.rawValue == parserUsage {
        if let slip = mistypedCommand(CommandLine.arguments.dropFirst(), of: command) {
          say(slip)
          Foundation.exit(2)
        }
        say("\(firstLine(command.message(for: error))); see \(helpCommand(error, of: command))")
        Foundation.exit(2)
      }
      command.exit(withError: error)
    }
    say("\(error)")
    Foundation.exit(Failures.exitCode(for: error))
  }

  /// One line on standard error.
  static func say(_ line: String) {
    PersonalOutput.warn("cdb: \(line)")
  }

  /// Says that what was done is in force, and that a crash now would lose it.
  static func unjournaled(in language: Language) throws {
    say(
      Translation(
        en: "in force, but the journal has not taken it: a crash now would lose it (cdb why)",
        de: "in Kraft, doch das Journal hat es nicht: ein Absturz jetzt würde es verlieren (cdb why)")[
          language])
    throw ExitCode(1)
  }

  private static func firstLine(_ message: String) -> String {
    var line = message.split(separator: "\n").first ?? "wrong usage"
    if line.hasSuffix(".") { line.removeLast() }
    return String(line)
  }

  /// How to get the help of the command that was used wrongly: the parser names it in its last line.
  private static func helpCommand(_ error: any Error, of command: any ParsableCommand.Type) -> String {
    let full = command.fullMessage(for: error)
    guard let start = full.range(of: "See '", options: .backwards),
      let end = full.range(of: "' for", range: start.upperBound..<full.endIndex)
    else { return "cdb --help" }
    return String(full[start.upperBound..<end.lowerBound])
  }

  /// What to say of a command that is none where one of nearly that name is there; nil where that is not what is wrong.
  private static func mistypedCommand(
    _ arguments: some Sequence<String>, of root: any ParsableCommand.Type
  ) -> String? {
    var command = root
    var path = root._commandName
    for argument in arguments {
      let children = command.configuration.subcommands
      guard !children.isEmpty, !argument.hasPrefix("-") else { return nil }
      guard let next = children.first(where: { $0._commandName == argument }) else {
        return NearestName.of(argument, among: children.map { $0._commandName }).map {
          "there is no command \(path) \(argument); did you mean \(path) \($0)? see \(path) --help"
        }
      }
      command = next
      path += " " + argument
    }
    return nil
  }

  private static func isParserError(_ error: any Error) -> Bool {
    String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
  }
}
