import Testing

/// Does something with each of several things, a few at a time: what watches real time pass spends most of it waiting. A
/// fault of one is recorded with what it befell, and the others go on.
func eachAtOnce<Element: Sendable>(
  _ elements: [Element], atATime: Int = 3, _ body: @escaping @Sendable (Element) async throws -> Void
) async {
  await withDiscardingTaskGroup { group in
    let slots = Slots(atATime)
    for element in elements {
      await slots.take()
      group.addTask {
        do {
          try await body(element)
        } catch {
          Issue.record(error, "\(element)")
        }
        await slots.give()
      }
    }
  }
}
