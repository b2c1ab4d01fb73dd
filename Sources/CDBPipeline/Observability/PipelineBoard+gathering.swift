import CDBDomain
import Synchronization

// A board of a pipeline whose stages run in other processes.
extension PipelineBoard {
  /// Whether the stages run in other processes.
  public var isOfOtherProcesses: Bool { gathering.withLock { $0 != nil } }

  /// A process has answered; see ``ServiceGathering``. Nothing on a board that has stages of its own.
  ///
  /// - Parameter address: where it was asked.
  public func take(_ part: ServicePart, from address: String = "") {
    let (wall, monotonic) = (clock.wall(), clock.monotonic())
    gathering.withLock { $0?.take(part, from: address, wall: wall, monotonic: monotonic) }
  }

  /// A process was asked, and has not answered.
  ///
  /// - Parameter address: where it was asked.
  public func miss(
    _ stage: StageName, at address: String = "", _ miss: StageOutage.Miss, cause: String
  ) {
    gathering.withLock { $0?.miss(stage, at: address, miss, cause: cause) }
  }

  /// Whether a stage has ended with what it took in, where stages run in other processes.
  public func hasEnded(_ stage: StageName) -> Bool {
    gathering.withLock { gathering in
      gathering.map { gathering in gathering.processes(of: stage).allSatisfy { gathering.hasEnded($0) } }
        ?? false
    }
  }

  /// Of what is gathered; nil where the stages run in this process.
  var gathered: PipelineStatus? {
    let (wall, monotonic) = (clock.wall(), clock.monotonic())
    return gathering.withLock { $0 }?.status(wall: wall, monotonic: monotonic)
  }
}
