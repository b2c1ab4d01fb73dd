import Foundation

@testable import LogShipping

/// A follower whose every step a test takes, and a reader of what it follows.
final class Steps {
  let follower: Follower
  private static let time = Array("\"2026-11-30T12:00:00Z\"".utf8)

  private let reader = LineReader(longestLine: 1 << 20)
  private(set) var now: UInt64 = 1_000_000_000
  /// The numbers of the lines that were read, in their order.
  private(set) var numbers: [Int] = []
  /// How many lines have none.
  private(set) var others = 0
  /// What is said of lines that are not as they were written.
  private(set) var flags: [String] = []

  /// - Parameter state: of a checkpoint; nil is a first start.
  init(
    _ folder: String, state: ShipperState? = nil, patience: UInt64 = 5_000_000_000, mostFiles: Int = .max,
    hasLooked: @escaping () -> Void = {}
  ) {
    var options = Follower.Options(patterns: PathPatterns(included: [folder + "/logs/*"]))
    options.copyPatience = patience
    options.hasLooked = hasLooked
    options.mostFiles = mostFiles
    follower = Follower(options: options, state: state ?? ShipperState(shipper: 1))
    follower.resume(state?.files ?? [], now: now, wall: 0)
  }

  /// Looks what there is; the checkpoint has what was found.
  func scan() {
    now += 1_000_000_000
    if follower.scan(now: now, wall: 0) { follower.promote() }
  }

  /// Does both, some times.
  func go(_ times: Int = 1) throws {
    for _ in 0..<times {
      scan()
      try read()
    }
  }

  /// Reads what there is to read, and settles it.
  func read() throws {
    var batch = BatchBuilder(mostBytes: 64 << 20, mostItems: 1 << 20)
    var hasMore = true
    while hasMore {
      hasMore = false
      for file in follower.turns() {
        if follower.isFinishDue(file, now: now) { try reader.finish(file, into: &batch, time: Self.time) }
        guard file.isReadable else { continue }
        hasMore = true
        if try reader.read(file, into: &batch, budget: .max, time: Self.time) == .replaced {
          follower.replaced(file, now: now)
        } else {
          file.refresh(now: now, wall: 0)
        }
      }
    }
    for file in follower.files.values { file.settled = file.here }
    let lines = batch.take()
    for item in lines.items.indices {
      let document = try JSONSerialization.jsonObject(with: Data(lines.document(item))) as? [String: Any]
      if let number = document?["n"] as? Int { numbers.append(number) } else { others += 1 }
      flags += document?["log.flags"] as? [String] ?? []
    }
  }

  /// What a checkpoint has of it now.
  var state: ShipperState {
    ShipperState(
      shipper: 1, nextFile: follower.nextNumber, closed: follower.closed, lost: follower.lost,
      files: follower.saved, readsPacks: follower.readsPacks, damaged: follower.damaged)
  }
}
