/// The engine, isolated to its thread.
actor TransferActor {
  private let executor: TransferExecutor
  private let engine: TransferEngine
  private let tls: TLSOptions

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(executor: TransferExecutor, engine: TransferEngine, tls: TLSOptions) {
    self.executor = executor
    self.engine = engine
    self.tls = tls
  }

  func run(_ request: HTTPRequest, id: UInt64) async -> Result<HTTPResponse, HTTPTransportError> {
    // A cancellation before this point shows here; a later one comes as a job behind this one.
    guard !Task.isCancelled else { return .failure(.cancelled) }
    return await withCheckedContinuation { completion in
      engine.start(request, id: id, tls: tls, completion: completion)
    }
  }

  func cancel(id: UInt64) {
    engine.cancel(id: id)
  }
}
