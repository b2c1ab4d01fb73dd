/// A segment as a reader sees it at one moment.
struct SegmentView: Sendable, Equatable {
  var firstSequence: UInt64
  /// Where the whole records end; nil if the length of the file decides, taken after this view.
  var limit: Int?
  /// The first sequence of the next segment; nil for the newest, which may still grow.
  var successor: UInt64?
  /// The sequence the writer uses next; nil if only the records tell.
  var nextSequence: UInt64?

  var name: String { SegmentName.render(firstSequence) }
}

/// Where readers find segments: the catalog of an open queue, or a directory as it stands.
protocol SegmentSource: Sendable {
  var directory: QueueDirectory { get }

  /// The segment that holds `sequence` if any does; else the first one behind it; nil if there is none.
  func segment(holding sequence: UInt64) throws(DurableQueueError) -> SegmentView?

  /// The segment that begins with `firstSequence` as it is now, also if it was removed meanwhile.
  func view(of firstSequence: UInt64) throws(DurableQueueError) -> SegmentView
}

/// The segments of a directory that this process does not own.
struct DirectorySource: SegmentSource {
  let directory: QueueDirectory

  func segment(holding sequence: UInt64) throws(DurableQueueError) -> SegmentView? {
    let segments = try directory.segments()
    guard let first = segments.last(where: { $0 <= sequence }) ?? segments.first else { return nil }
    return SegmentView(firstSequence: first, successor: segments.first { $0 > first })
  }

  func view(of firstSequence: UInt64) throws(DurableQueueError) -> SegmentView {
    SegmentView(
      firstSequence: firstSequence, successor: try directory.segments().first { $0 > firstSequence })
  }
}
