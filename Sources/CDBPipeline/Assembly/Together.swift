/// Runs tasks that are joined by mailboxes, until all have ended.
///
/// - Parameter close: is done as soon as one fails, so that the others end.
/// - Throws: the first error. What a closed mailbox makes the others say is not what was wrong.
func together(
  _ tasks: [@Sendable () async throws -> Void], closing close: @escaping @Sendable () -> Void
) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    for task in tasks {
      group.addTask {
        do {
          try await task()
        } catch {
          close()
          throw error
        }
      }
    }
    var first: (any Error)?
    while let result = await group.nextResult() {
      if case .failure(let error) = result, first == nil || first is MailboxClosed { first = error }
    }
    if let first { throw first }
  }
}
