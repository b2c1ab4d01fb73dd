import Synchronization

/// The lock that a queue takes on its directory, for whoever keeps something else in one: one process at a time has it.
///
/// It is `flock`'ed, so it ends with the process, however that ends. Its file holds the process id as text, and stays.
public final class DirectoryLock: Sendable {
  private let file: Mutex<OpenFile?>

  /// Takes it, and makes the directory where it is missing.
  ///
  /// - Parameter name: of the lock's file in the directory. Who takes another one is not kept out.
  /// - Throws: ``DurableQueueError/locked(directory:holder:)`` where another has it, this process included, or
  ///   ``DurableQueueError/system(operation:path:errno:)``.
  public init(directory: String, name: String) throws(DurableQueueError) {
    let place = QueueDirectory(path: directory)
    try place.create()
    file = Mutex(try place.lock(name))
  }

  /// Gives it up; so does the end of the last reference.
  public func release() { file.withLock { $0 = nil } }
}
