import Foundation

/// Runs what blocks on a thread of its own.
///
/// On Linux the concurrency pool runs on Dispatch's global queues, which have a thread for each core: whoever
/// blocks one of those, through Dispatch or in a task, stops the server under test.
func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
  }
}
