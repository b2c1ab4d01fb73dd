import CDBDomain
import Foundation
import RedisTransport

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
    // Where a snapshot has them all the same, this one went back behind it for another reason: the next start looks anew.
    case let loss as EdgeLoss where loss.cause == .consumed && !snapshots.have(through: loss):
      ServiceError.keptElsewhere(
        stage, keeper, isEmpty: snapshots.isEmpty, prefix: bus.edge.prefix, loss)
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
