import Foundation

/// Whether what is random runs at full length, with `CDB_SOAK`.
enum Soak {
  static let isOn = ProcessInfo.processInfo.environment["CDB_SOAK"] != nil
}
