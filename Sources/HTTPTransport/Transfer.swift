import CCurl

/// One request on its way: an easy handle and what has arrived. Lives on the transport's thread.
final class Transfer {
  typealias Completion = CheckedContinuation<Result<HTTPResponse, HTTPTransportError>, Never>

  let handle: UnsafeMutableRawPointer
  private let completion: Completion
  private let maximumBytes: Int
  private var headerList: UnsafeMutablePointer<curl_slist>?
  /// libcurl writes its error's words here until the handle is freed.
  private let problem: UnsafeMutablePointer<CChar>
  private var headers: [(name: String, value: String)] = []
  private var headerBytes = 0
  private var body: [UInt8] = []
  private var isTooLarge = false

  /// - Returns: nil when libcurl has no memory for a handle.
  init?(_ request: HTTPRequest, tls: TLSOptions, completion: Completion) {
    guard let handle = curl_easy_init() else { return nil }
    self.handle = handle
    self.completion = completion
    self.maximumBytes = request.maximumResponseBytes
    self.problem = .allocate(capacity: Int(CURL_ERROR_SIZE))
    self.problem.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    configure(request)
    configure(tls)
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(headerList)
    problem.deallocate()
  }

  private func configure(_ request: HTTPRequest) {
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_BUFFERSIZE, Self.bufferBytes)
    set(CURLOPT_URL, request.url)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.timeouts.connect))
    set(CURLOPT_TIMEOUT_MS, Self.milliseconds(request.timeouts.total))
    if let path = request.unixSocketPath { set(CURLOPT_UNIX_SOCKET_PATH, path) }
    switch request.proxy {
    case .environment: break
    case .none: set(CURLOPT_PROXY, "")
    case .url(let url, let except):
      set(CURLOPT_PROXY, url)
      // Empty, so that what the environment says of exceptions does not count either.
      set(CURLOPT_NOPROXY, except)
    }
    if request.acceptsGzip { set(CURLOPT_ACCEPT_ENCODING, "gzip") }
    if request.method == "HEAD" {
      set(CURLOPT_NOBODY, 1)
    } else if request.method != "GET" || !request.body.isEmpty {
      ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
      // Copied, since the transfer outlives this call.
      request.body.withUnsafeBytes { bytes in
        _ = ccurl_set_pointer(
          handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
      }
      if request.body.isEmpty { set(CURLOPT_POSTFIELDS, "") }
      set(CURLOPT_CUSTOMREQUEST, request.method)
    }
    // Without this libcurl waits up to a second for "100 Continue" before it sends a large body.
    headerList = curl_slist_append(nil, "Expect:")
    // libcurl would call any body a form.
    if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
      headerList = curl_slist_append(headerList, "Content-Type:")
    }
    for (name, value) in request.headers {
      // "Name;" is libcurl's spelling of a field without a value.
      headerList = curl_slist_append(headerList, value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    ccurl_set_list(handle, CURLOPT_HTTPHEADER, headerList)
    ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, problem)
    let context = Unmanaged.passUnretained(self).toOpaque()
    ccurl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) {
      Transfer.receive($0, $1, $2, $3) { $0.appendBody($1) }
    }
    ccurl_set_pointer(handle, CURLOPT_WRITEDATA, context)
    ccurl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) {
      Transfer.receive($0, $1, $2, $3) { $0.appendHeader($1) }
    }
    ccurl_set_pointer(handle, CURLOPT_HEADERDATA, context)
  }

  private func configure(_ tls: TLSOptions) {
    if let file = tls.authoritiesFile { set(CURLOPT_CAINFO, file) }
    if let file = tls.certificateFile { set(CURLOPT_SSLCERT, file) }
    if let file = tls.privateKeyFile { set(CURLOPT_SSLKEY, file) }
  }

  /// Hands the result to whoever waits; call once.
  func finish(_ code: CURLcode) {
    guard code == CURLE_OK else {
      return fail(
        isTooLarge
          ? .responseTooLarge(limit: maximumBytes)
          : HTTPTransportError(code: code, detail: String(cString: problem)))
    }
    var status = 0
    ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    completion.resume(returning: .success(HTTPResponse(status: status, headers: headers, body: body)))
  }

  func fail(_ error: HTTPTransportError) {
    completion.resume(returning: .failure(error))
  }

  /// Calls `take` on the transfer behind `context`; taking fewer bytes than offered makes libcurl give up.
  private static func receive(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?,
    _ take: (Transfer, UnsafeRawBufferPointer) -> Bool
  ) -> Int {
    guard let bytes, let context else { return 0 }
    // The engine keeps the transfer alive for as long as its handle is in the multi handle.
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return take(transfer, buffer) ? buffer.count : 0
  }

  /// What libcurl reads at once: a large answer is a few calls, and not hundreds.
  private static let bufferBytes = 128 << 10
  /// What a server says of a body's length is believed so far before the bytes are there.
  private static let mostReserved = 16 << 20

  private func appendBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard body.count + bytes.count <= maximumBytes else {
      isTooLarge = true
      return false
    }
    if body.isEmpty,
      let length = headers.last(where: { $0.name == "content-length" }).flatMap({ Int($0.value) }),
      length > bytes.count
    {
      body.reserveCapacity(min(length, maximumBytes, Self.mostReserved))
    }
    body.append(contentsOf: bytes)
    return true
  }

  private func appendHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
    headerBytes += bytes.count
    guard headerBytes <= maximumBytes else {
      isTooLarge = true
      return false
    }
    // A status line begins a response: what came before belongs to an informational one.
    if bytes.starts(with: "HTTP/".utf8) { headers = [] }
    if let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0 {
      let name = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
      headers.append((name, Self.trimmed(bytes[(colon + 1)...])))
    }
    return true
  }

  private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
    let head = bytes.drop(while: isSpace)
    let end = head.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? head.startIndex
    return String(decoding: head[..<end], as: UTF8.self)
  }

  private func set(_ option: CURLoption, _ value: Int) { ccurl_set_long(handle, option, value) }

  private func set(_ option: CURLoption, _ value: String) { ccurl_set_string(handle, option, value) }

  /// At least one, since libcurl reads 0 as "its own default"; at most a day.
  private static func milliseconds(_ duration: Duration) -> Int {
    Int(min(max((duration / .milliseconds(1)).rounded(.up), 1), 86_400_000))
  }
}
