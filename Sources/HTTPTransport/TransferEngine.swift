import CCurl

/// The multi handle and the transfers in it.
///
/// `@unchecked Sendable`: after `init` only one thread at a time touches it. Every method is called either by the
/// transport's thread between jobs, or by a job of ``TransferActor``, which that same thread runs; once that
/// thread has ended, jobs run on one serial queue, and the executor's lock orders the two. The exception is
/// ``wake()``, which libcurl allows from any thread, and which the executor calls under its lock and
/// never after the end.
final class TransferEngine: @unchecked Sendable {
  private let multi: UnsafeMutableRawPointer?
  private var transfers: [UInt64: Transfer] = [:]
  private var identifiers: [UnsafeMutableRawPointer: UInt64] = [:]
  private var isClosed = false

  /// libcurl's one-time set-up, which must not run twice at once.
  private static let globalSetup: CURLcode = curl_global_init(Int(CURL_GLOBAL_ALL))

  init() {
    multi = Self.globalSetup == CURLE_OK ? curl_multi_init() : nil
  }

  func start(_ request: HTTPRequest, id: UInt64, tls: TLSOptions, completion: Transfer.Completion) {
    guard !isClosed else { return completion.resume(returning: .failure(.shutDown)) }
    guard let multi, let transfer = Transfer(request, tls: tls, completion: completion) else {
      return completion.resume(returning: .failure(.broken("libcurl cannot be set up")))
    }
    guard curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
      return transfer.fail(.broken("libcurl takes no more transfers"))
    }
    transfers[id] = transfer
    identifiers[transfer.handle] = id
  }

  func cancel(id: UInt64) {
    remove(id)?.fail(.cancelled)
  }

  /// Moves bytes and completes what is done.
  func advance() {
    guard let multi else { return }
    var running: CInt = 0
    curl_multi_perform(multi, &running)
    var remaining: CInt = 0
    while let message = curl_multi_info_read(multi, &remaining) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
        let id = identifiers[handle]
      else { continue }
      // The message is gone once its handle is removed.
      let code = message.pointee.data.result
      remove(id)?.finish(code)
    }
  }

  /// Sleeps until there is something to do, at most a minute.
  func sleep() {
    guard let multi else { return }
    curl_multi_poll(multi, nil, 0, 60_000, nil)
  }

  func wake() {
    guard let multi else { return }
    curl_multi_wakeup(multi)
  }

  func close() {
    isClosed = true
    for id in transfers.keys.sorted() { remove(id)?.fail(.shutDown) }
    if let multi { curl_multi_cleanup(multi) }
  }

  private func remove(_ id: UInt64) -> Transfer? {
    guard let transfer = transfers.removeValue(forKey: id) else { return nil }
    identifiers[transfer.handle] = nil
    curl_multi_remove_handle(multi, transfer.handle)
    return transfer
  }
}
