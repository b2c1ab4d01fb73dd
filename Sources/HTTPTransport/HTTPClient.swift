import Synchronization

/// An HTTP client over libcurl.
///
/// One thread owns every handle and sleeps until a socket or a caller needs it. Connections are kept and used
/// again. A client may be used from any number of tasks; it is meant to live as long as the program.
public final class HTTPClient: Sendable {
  private let executor: TransferExecutor
  private let transfers: TransferActor
  private let nextID = Atomic<UInt64>(0)

  /// - Parameter tls: for every HTTPS request of this client.
  public init(tls: TLSOptions = TLSOptions()) {
    let engine = TransferEngine()
    executor = TransferExecutor(engine: engine)
    transfers = TransferActor(executor: executor, engine: engine, tls: tls)
    executor.start()
  }

  deinit {
    executor.stop()
  }

  /// Sends a request and waits for the complete response. Redirects are not followed. Cancelling the task
  /// ends the transfer.
  public func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
    try request.validate()
    let id = nextID.wrappingAdd(1, ordering: .relaxed).newValue
    let transfers = self.transfers
    let result = await withTaskCancellationHandler {
      await transfers.run(request, id: id)
    } onCancel: {
      Task { await transfers.cancel(id: id) }
    }
    return try result.get()
  }

  /// Ends every transfer with ``HTTPTransportError/shutDown``, and the thread. Later requests get the same answer.
  public func shutdown() {
    executor.stop()
  }
}
