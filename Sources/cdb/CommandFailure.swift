import ArgumentParser
import CDBServices
import Foundation

/// How a command that failed ends: one line on standard error, and the exit code that says what kind it was.
enum CommandFailure {
  /// The parser's own exit code for wrong usage; the suite's is 2.
  private static let parserUsage: Int32 = 64

  static func end(_ error: any Error, of command: any ParsableCommand.Type) -> Never {
    if error is ExitCode || error is CleanExit || error is ValidationError || isParserError(error) {
      let code = command.exitCode(for: error)
      if code.rawValue == parserUsage {
        FileHandle.standardError.write(Data((command.fullMessage(for: error) + "\n").utf8))
        Foundation.exit(2)
      }
      command.exit(withError: error)
    }
    FileHandle.standardError.write(Data("cdb: \(error)\n".utf8))
    Foundation.exit(Failures.exitCode(for: error))
  }

  private static func isParserError(_ error: any Error) -> Bool {
    String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
  }
}
