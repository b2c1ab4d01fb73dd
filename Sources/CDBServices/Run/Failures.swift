import CDBPipeline
import DurableQueue
import HTTPTransport
import LogShipping
import PostgresClient
import RemoteWrite
import RedisTransport
import ServiceRuntime

/// Which exit code an error deserves.
public enum Failures {
  public static func exitCode(for error: any Error) -> Int32 {
    switch error {
    case let error as any ExitCodeProviding: error.exitCode
    // What the caller named cannot be used: a folder, a port, a recording.
    case is PipelineError, is JournalError, is CheckpointStore.CheckpointError, is DurableQueueError,
      is EndpointError, is RecordingError, is StoreRefusal, is ConfigurationFault,
      is DiskFailure:
      2
    // Started again it may be there, or not busy any more.
    case let error as PostgresError:
      switch error.kind {
      case .cannotConnect, .connectionLost, .timedOut, .locked, .conflict, .exhausted: 3
      case .invalidSettings, .notAdmitted, .readOnly, .notPermitted, .refused, .cancelled: 2
      }
    case let error as ShipperError: if case .server = error { 3 } else { 2 }
    case is HTTPTransportError: 3
    // Nothing is lost, and not everything is where it was asked for.
    case is StoreGaveUp: 1
    // Somebody else's, or lost: started again it looks anew.
    case let error as RedisError: error.kind == .invalidAddress || error.isRefusalOfService ? 2 : 3
    case is EdgeLoss, is PartitionOwned, is ForgottenStream, is ForeignEntry, is SequenceGap: 3
    case ServiceError.busAway: 3
    case is ServiceError: 2
    default: ExitCode.softwareError
    }
  }

  /// The system's words for an error of a file, such as `Permission denied`.
  public static func words(of error: any Error) -> String { DataFolder.systemWords(of: error) }
}
