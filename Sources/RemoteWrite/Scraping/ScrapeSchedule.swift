/// When a target is asked: every interval, at an offset of its own, so that targets do not all answer at once. The instants are
/// the same after a restart.
struct ScrapeSchedule: Sendable {
  let interval: Int64
  let offset: Int64

  init(target: Target) {
    interval = target.interval
    let text = target.url + target.labels.description
    offset = Int64(StableHash.of(text.utf8) % UInt64(max(target.interval, 1)))
  }

  /// The first instant after `time`; milliseconds since the epoch.
  func next(after time: Int64) -> Int64 {
    let since = (time - offset) % interval
    return time - (since < 0 ? since + interval : since) + interval
  }
}
