import CDBDomain
import Foundation

/// What the process finds around it.
enum Surroundings {
  /// As the locale says: LC_ALL, LC_MESSAGES, LANG, in that order.
  static var language: Language {
    let environment = ProcessInfo.processInfo.environment
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    return locale?.hasPrefix("de") == true ? .de : .en
  }
}
