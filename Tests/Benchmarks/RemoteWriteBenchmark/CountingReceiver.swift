import Foundation
import HTTPServerFixture
import RemoteWrite
import Synchronization

/// A receiver of remote write that counts, and keeps nothing.
final class CountingReceiver: Sendable {
  struct Counts: Sendable {
    var samples = 0
    var requests = 0
    /// Of requests: heads and bodies.
    var bytes = 0
    /// Requests that could not be read.
    var faults = 0
    /// How old samples were when they came, in milliseconds, and how many were as old.
    var ages: [Int: Int] = [:]

    /// Of the samples that came, the part `share` was at most so old; in seconds.
    func age(_ share: Double) -> Double {
      let wanted = share * Double(samples)
      var sum = 0.0
      for (age, count) in ages.sorted(by: { $0.key < $1.key }) {
        sum += Double(count)
        if sum >= wanted { return Double(age) / 1_000 }
      }
      return .nan
    }
  }

  private let server: HTTPServer
  private let state: Box

  private final class Box: Sendable { let counts = Mutex(Counts()) }

  var url: String { server.url + "/api/v1/write" }
  /// Since the last call.
  func take() -> Counts {
    state.counts.withLock { counts in
      defer { counts = Counts() }
      return counts
    }
  }

  init() throws {
    let state = Box()
    self.state = state
    server = try HTTPServer { request in
      let isVersion2 = request.headers["content-type"]?.contains("write.v2") == true
      let now = Int64(Date().timeIntervalSince1970 * 1_000)
      guard let message = try? SnappyBlock.decompress(request.body),
        let times = message.withUnsafeBytes({ Self.times($0, seriesField: isVersion2 ? 5 : 1) })
      else {
        state.counts.withLock { $0.faults += 1 }
        return .status(400, "not a request of remote write")
      }
      let samples = times.values.reduce(0, +)
      state.counts.withLock { counts in
        counts.samples += samples
        counts.requests += 1
        counts.bytes += request.headBytes + request.body.count
        for (time, count) in times { counts.ages[max(0, Int(now - time)), default: 0] += count }
      }
      return .status(204, "", isVersion2 ? ["X-Prometheus-Remote-Write-Samples-Written": "\(samples)"] : [:])
    }
  }

  func stop() { server.stop() }

  /// The times of all samples with how many have each; nil where the message is none.
  private static func times(_ bytes: UnsafeRawBufferPointer, seriesField: UInt64) -> [Int64: Int]? {
    var times: [Int64: Int] = [:]
    var (last, count): (Int64, Int) = (0, 0)
    var index = 0
    while index < bytes.count {
      guard let (number, content) = field(bytes, &index, bytes.count) else { return nil }
      guard number == seriesField else { continue }
      var inner = content.lowerBound
      while inner < content.upperBound {
        guard let (number, sample) = field(bytes, &inner, content.upperBound) else { return nil }
        // Samples have the number 2 in both versions.
        guard number == 2 else { continue }
        var place = sample.lowerBound
        // The value, which some leave out where it is 0.
        if place < sample.upperBound, bytes[place] == 0x09 { place += 9 }
        guard place < sample.upperBound, bytes[place] == 0x10 else { return nil }
        place += 1
        guard let time = varint(bytes, &place, sample.upperBound) else { return nil }
        if Int64(bitPattern: time) != last {
          times[last, default: 0] += count
          (last, count) = (Int64(bitPattern: time), 0)
        }
        count += 1
      }
    }
    times[last, default: 0] += count
    times[0] = nil
    return times
  }

  private static func field(
    _ bytes: UnsafeRawBufferPointer, _ index: inout Int, _ end: Int
  ) -> (number: UInt64, content: Range<Int>)? {
    guard let tag = varint(bytes, &index, end), tag & 7 == 2, let length = varint(bytes, &index, end),
      length <= UInt64(end - index)
    else { return nil }
    defer { index += Int(length) }
    return (tag >> 3, index..<index + Int(length))
  }

  private static func varint(_ bytes: UnsafeRawBufferPointer, _ index: inout Int, _ end: Int) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard index < end else { return nil }
      let byte = bytes[index]
      index += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
