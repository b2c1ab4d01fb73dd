import CDBDomain
import Foundation
import RedisTransport
import Synchronization

// What an error means for whoever runs the service.
extension StageService {
  /// Where this stage keeps what it goes on from.
  var keeper: ServiceError.Keeper {
    if stage == .dbWriter, let store = options.store { return .store("\(store)") }
    // Absolute: what is wrong may be the folder that the process was started in.
    return .directory(URL(filePath: options.dataDirectory).standardizedFileURL.path)
  }

  /// An error in words of what somebody has to change, where a start would meet it again; otherwise as it is.
  func explained(_ error: any Error) -> any Error {
    switch error {
    case let error as RedisError where error.isRefusalOfService: ServiceError.notAdmitted(error)
    // A stage that has gone back to before what the bus has lost has to be made its events again, by the stage before.
    case let loss as EdgeLoss where loss.cause == .consumed && !hasGoneBack.withLock { $0 }:
      ServiceError.keptElsewhere(
        stage, keeper, isEmpty: snapshots.store.barriers().isEmpty, prefix: bus.edge.prefix, loss)
    default: error
    }
  }
}

extension RedisError {
  /// Whether the server was asked, and somebody has to change a setting or a right before it does what is wanted.
  public var isRefusalOfService: Bool {
    switch kind {
    case .wrongCredential, .notAuthenticated, .notPermitted, .wrongType: true
    default: false
    }
  }
}
