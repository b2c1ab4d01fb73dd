import OpenMetrics
import Synchronization
import TaskTiming

/// Takes what senders push, and gives it to the queues of the endpoints as scrapes do.
///
/// A request is answered with 204 when it is on the disk of every endpoint that wants it. One that a queue has no room for is not
/// taken at all: the sender keeps it and comes again.
public final class PushReceiver: Sendable {
  /// Of a body, unpacked; that of Prometheus's receiver.
  public static let mostBytes = 32 << 20

  private let outlet: ScrapeOutlet
  private let clock: TaskClock
  private let stopping: Signal
  private let intake: PushIntake
  private let commit = QueueCommit()
  private let state = Mutex(ReceivedStatistics())

  init(outlet: ScrapeOutlet, stopping: Signal, clock: TaskClock) {
    self.outlet = outlet
    self.stopping = stopping
    self.clock = clock
    intake = PushIntake(clock: clock)
  }

  /// What was pushed since the start.
  public var statistics: ReceivedStatistics { state.withLock { $0 } }

  /// Takes a request of remote write 1.0 or 2.0: `POST /api/v1/write`.
  public func write(_ push: Push) async -> PushAnswer {
    guard let version = push.version else {
      let words = "Content-Type \(push.contentType ?? ""), of \(WriteProtocol.allCases.map(\.contentType))"
      return note(PushAnswer(result: .unsupported, words: words), push, .remoteWrite1, [:])
    }
    let format: PushFormat = version == .version1 ? .remoteWrite1 : .remoteWrite2
    return await take(push, format) { () throws(PushFault) in
      let extra = try push.extraLabels()
      let bytes = try push.content(packedAs: ["snappy"], limit: Self.mostBytes)
      return version == .version1
        ? try ReceivedRequest(version1: bytes, extra: extra)
        : try ReceivedRequest(version2: bytes, extra: extra)
    }
  }

  /// Takes an exposition in text or OpenMetrics: `POST /api/v1/import/prometheus`.
  public func importText(_ push: Push) async -> PushAnswer {
    await take(push, .text) { [clock] () throws(PushFault) in
      let (extra, time) = (try push.extraLabels(), try push.time())
      let bytes = try push.content(packedAs: ["", "identity", "gzip"], limit: Self.mostBytes)
      return try ReceivedRequest(
        text: bytes, isOpenMetrics: push.isOpenMetrics, time: time ?? clock.wall(), extra: extra)
    }
  }

  private func take(
    _ push: Push, _ format: PushFormat, _ read: @escaping @Sendable () throws(PushFault) -> ReceivedRequest
  ) async -> PushAnswer {
    guard !stopping.isSet, let queues = await outlet.enter() else {
      return note(PushAnswer(result: .unavailable, words: "the bridge is ending"), push, format, [:])
    }
    defer { outlet.leave() }
    var (answer, refusals) = await intake.take(queues, read)
    if answer.status < 500, answer.result == .ok || answer.result == .partial {
      do {
        for queue in queues.queues.joined() { try await commit.run(queue) }
      } catch {
        answer = PushAnswer(result: .unavailable, words: "a queue is not on its disk: \(error)")
        refusals = [:]
      }
    }
    answer.tellsWritten = format == .remoteWrite2
    return note(answer, push, format, refusals)
  }

  private func note(
    _ answer: PushAnswer, _ push: Push, _ format: PushFormat, _ refusals: [PushRefusal: Int]
  ) -> PushAnswer {
    let now = clock.wall()
    state.withLock { state in
      state.formats[format, default: .init()].requests[answer.result, default: 0] += 1
      state.formats[format]?.bytes += UInt64(push.body.count)
      state.formats[format]?.samples += UInt64(answer.samples + answer.histograms)
      state.formats[format]?.exemplars += UInt64(answer.exemplars)
      for (why, count) in refusals { state.refused[why, default: 0] += UInt64(count) }
      if answer.result == .ok || answer.result == .partial { state.formats[format]?.lastSuccess = now }
      state.lastError = answer.result == .ok ? nil : answer.words
    }
    return answer
  }
}

/// Reads requests and appends them, one after the other: at most one is unpacked at any time, and none takes the room that another
/// one was told of.
private actor PushIntake {
  private let clock: TaskClock

  init(clock: TaskClock) { self.clock = clock }

  func take(
    _ outlet: ScrapeOutlet.Queues, _ read: @Sendable () throws(PushFault) -> ReceivedRequest
  ) -> (PushAnswer, [PushRefusal: Int]) {
    let request: ReceivedRequest
    do throws(PushFault) {
      request = try read()
    } catch {
      return (Self.answer(error), [:])
    }
    guard !outlet.routes.isEmpty else {
      return (PushAnswer(result: .unavailable, words: "there is no endpoint to send it to"), [:])
    }
    let made = request.fragments(outlet.routes)
    for (fragments, queues) in zip(made.fragments, outlet.queues) {
      for queue in queues {
        switch queue.room(for: fragments) {
        case .enough: break
        case .full:
          return (
            PushAnswer(
              result: .full, words: "an endpoint's queue is full: keep it, and send it again later"), [:]
          )
        case .never(let bytes):
          return (
            PushAnswer(result: .tooLarge, words: "more than the \(bytes) bytes that a queue may hold"), [:]
          )
        }
      }
    }
    for (fragments, queues) in zip(made.fragments, outlet.queues) {
      for queue in queues where !queue.append(fragments, time: clock.wall()) {
        return (PushAnswer(result: .unavailable, words: "a disk does not take it"), [:])
      }
    }
    return (Self.answer(request, made.written), Self.refusals(request, made.written, made.relabelled))
  }

  private static func answer(_ fault: PushFault) -> PushAnswer {
    switch fault {
    case .malformed(let words): PushAnswer(result: .malformed, words: words)
    case .tooLarge(let words): PushAnswer(result: .tooLarge, words: words)
    case .unsupported(let words): PushAnswer(result: .unsupported, words: words)
    }
  }

  private static func answer(_ request: ReceivedRequest, _ written: ReceivedRequest.Written) -> PushAnswer {
    var answer = PushAnswer(
      result: .ok, samples: written.samples, histograms: written.histograms, exemplars: written.exemplars)
    if let fault = request.firstFault {
      answer.result = .partial
      let blamed: [PushRefusal] = [.labels, .unsendable, .outOfOrder, .histogram]
      let count = blamed.reduce(0) { $0 + (request.refusals[$1] ?? 0) }
      answer.words = "\(count) samples are not taken, all else is: \(fault)"
    }
    return answer
  }

  private static func refusals(
    _ request: ReceivedRequest, _ written: ReceivedRequest.Written, _ relabelled: Int
  ) -> [PushRefusal: Int] {
    var refusals = request.refusals
    if relabelled > 0 { refusals[.relabelled] = relabelled }
    let unwanted = request.items.count - written.samples - written.histograms - relabelled
    if unwanted > 0 { refusals[.unwantedHistogram] = unwanted }
    return refusals
  }
}

/// Forces queues to the disk. Who comes while it is at it waits, and then nearly always finds it done: one `fdatasync` is for all of
/// them.
private actor QueueCommit {
  func run(_ queue: EndpointQueue) throws { try queue.synchronize() }
}
