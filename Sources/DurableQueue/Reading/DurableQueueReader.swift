/// Reads a log in order and follows it across segments. One thread at a time; as many readers as you like.
///
/// A reader sees what was appended, also before it is synced. It keeps the file it reads open, so trimming
/// never takes a segment out of its hands.
public final class DurableQueueReader {
  private let source: any SegmentSource
  private let buffer = ScanBuffer()
  private var position: Position?
  private var fault: Fault?
  /// The newest segment, after its unreadable file was skipped: nothing comes before it has a successor.
  private var abandoned: UInt64?

  /// The sequence of the record that ``next(maximumRecords:maximumBytes:_:)`` delivers next, if it is there.
  public private(set) var nextSequence: UInt64

  /// What lies behind the last whole record of a log that somebody else writes, as of the last call of
  /// ``next(maximumRecords:maximumBytes:_:)`` that came to the end; nil where nothing does.
  public private(set) var unreadTail: UnreadTail?

  private struct Position {
    var scanner: SegmentScanner
    var view: SegmentView
    var limit: Int

    init(_ scanner: SegmentScanner, _ view: SegmentView) {
      self.scanner = scanner
      self.view = view
      limit = view.limit ?? scanner.file.size
    }
  }

  private struct Fault {
    var error: DurableQueueError
    /// Where reading can go on for certain: the next segment, or the end of the log.
    var resume: UInt64
    /// The rest of the segment may hold good records.
    var canSearch: Bool
    /// The segment that could not be opened at all, if it is the newest.
    var unopened: UInt64?
  }

  init(source: any SegmentSource, from sequence: UInt64) {
    self.source = source
    nextSequence = sequence
  }

  /// Delivers up to `maximumRecords` records, in order, to `body`.
  ///
  /// - Parameters:
  ///   - maximumBytes: stop before a record with which the payloads of this call exceed this, but deliver
  ///     at least one.
  ///   - body: gets the payload for the duration of the call. If it throws, that record counts as not
  ///     delivered, and the error goes to the caller.
  /// - Returns: how many were delivered; 0 means that the reader is at the end for now.
  /// - Throws: ``DurableQueueError/corruptRecord(file:offset:sequence:reason:)`` or
  ///   ``DurableQueueError/missingRecords(file:lost:)``, when no record before the fault is left to
  ///   deliver; again on every call until ``skipFault()``.
  public func next(
    maximumRecords: Int, maximumBytes: Int,
    _ body: (_ sequence: UInt64, _ payload: UnsafeRawBufferPointer) throws -> Void
  ) throws -> Int {
    var delivered = 0
    var bytes = 0
    while delivered < maximumRecords {
      guard fault == nil, try advanceToRecord(), var here = position else { break }
      position = nil  // so that the scanner is not shared while it moves
      defer { position = here }
      let end = here.view.successor ?? .max
      // Records back to back: the loop that a replay spends its time in.
      while delivered < maximumRecords, here.scanner.sequence < end,
        case .record(let payload) = here.scanner.peek(limit: here.limit)
      {
        if delivered > 0, bytes + payload.count > maximumBytes { return delivered }
        try body(nextSequence, payload)
        here.scanner.advance(past: payload)
        nextSequence += 1
        delivered += 1
        bytes += payload.count
      }
    }
    if delivered == 0, let fault { throw fault.error }
    return delivered
  }

  /// Goes past the fault that ``next(maximumRecords:maximumBytes:_:)`` threw, to the next good record.
  ///
  /// - Returns: the sequences that are skipped; nil if there is no fault, or nothing is lost by it.
  @discardableResult
  public func skipFault() throws(DurableQueueError) -> ClosedRange<UInt64>? {
    guard let fault else { return nil }
    self.fault = nil
    abandoned = fault.unopened
    let first = nextSequence
    if fault.canSearch, var here = position, here.scanner.resynchronize(limit: here.limit),
      here.scanner.sequence < here.view.successor ?? .max
    {
      nextSequence = max(first, here.scanner.sequence)
      position = here
    } else if fault.canSearch, var here = position, here.view.successor == nil {
      here.scanner.jump(toOffset: here.limit, sequence: fault.resume)
      nextSequence = max(first, fault.resume)
      position = here
    } else {
      nextSequence = max(first, fault.resume)
      position = nil
    }
    return closedRange(first, upTo: nextSequence)
  }

  /// Moves to the record `nextSequence`. False at the end for now, or with `fault` set.
  private func advanceToRecord() throws(DurableQueueError) -> Bool {
    while true {
      if position == nil { position = try enter() }
      guard var here = position else { return false }
      let end = here.view.successor ?? .max
      switch here.scanner.sequence < end ? here.scanner.peek(limit: here.limit) : .end {
      case .record(let payload):
        if here.scanner.sequence == nextSequence {
          if unreadTail != nil { unreadTail = nil }
          return true
        }
        if here.scanner.sequence > nextSequence {
          return missing(upTo: here.scanner.sequence, in: here)
        }
        here.scanner.advance(past: payload)
        position = here
      case .end:
        if try refresh(&here) { continue }
        guard leave(here) else { return false }
      case .fault(let reason):
        if try refresh(&here) { continue }
        // Damage before the record that is asked for is not this reader's concern, if a way past it exists.
        let seeks = here.scanner.sequence < nextSequence
        let mayGrow = here.view.successor == nil && here.view.limit == nil
        let damaged = here
        if seeks || mayGrow {
          if here.scanner.resynchronize(limit: here.limit) {
            guard seeks else { return fail(reason, at: damaged) }
            position = here
            continue
          }
          // The torn end of a log that somebody else may be writing: the rest may still come.
          here.scanner.invalidate()
          position = here
          if mayGrow {
            unreadTail = UnreadTail(
              file: here.view.name, offset: damaged.scanner.offset,
              bytes: damaged.limit - damaged.scanner.offset, sequence: damaged.scanner.sequence,
              reason: reason)
            return false
          }
        }
        return fail(reason, at: damaged)
      }
    }
  }

  /// Opens the segment that holds `nextSequence`; nil if there is none yet, or with `fault` set.
  private func enter() throws(DurableQueueError) -> Position? {
    var attempts = 0
    while let view = try source.segment(holding: nextSequence) {
      guard view.firstSequence <= nextSequence else {
        let lost = nextSequence...(view.firstSequence - 1)
        fault = Fault(
          error: .missingRecords(file: view.name, lost: lost), resume: view.firstSequence, canSearch: false)
        return nil
      }
      if view.firstSequence == abandoned {
        guard let successor = view.successor else { return nil }
        let lost = nextSequence...(successor - 1)
        fault = Fault(
          error: .missingRecords(file: view.name, lost: lost), resume: successor, canSearch: false)
        return nil
      }
      do throws(FaultReason) {
        let file = try OpenFile.open(source.directory.path(of: view.name), name: view.name)
        if view.limit == nil, view.successor == nil, file.size == 0 { return nil }
        let header = try file.readHeader()
        guard header.firstSequence == view.firstSequence else {
          throw .misnamed(headerSays: header.firstSequence)
        }
        return Position(SegmentScanner(file: file, header: header, buffer: buffer), view)
      } catch {
        attempts += 1
        // Trimmed between looking and opening: look again, a few times.
        if error == .missing, attempts < 8 { continue }
        fault = Fault(
          error: .corruptRecord(file: view.name, offset: 0, sequence: nextSequence, reason: error),
          resume: view.successor ?? view.nextSequence ?? nextSequence, canSearch: false,
          unopened: view.successor == nil ? view.firstSequence : nil)
        return nil
      }
    }
    return nil
  }

  /// Looks again how far the segment reaches; true if that changed.
  private func refresh(_ here: inout Position) throws(DurableQueueError) -> Bool {
    let view = try source.view(of: here.view.firstSequence)
    let limit = view.limit ?? here.scanner.file.size
    guard limit != here.limit || view.successor != here.view.successor else {
      here.view = view
      return false
    }
    if limit != here.limit, view.limit == nil { here.scanner.invalidate() }
    here.view = view
    here.limit = limit
    position = here
    return true
  }

  /// At the whole end of a segment: goes on to its successor. False if there is none, or with `fault` set.
  private func leave(_ here: Position) -> Bool {
    guard let successor = here.view.successor else { return false }
    if max(here.scanner.sequence, nextSequence) < successor {
      return missing(upTo: successor, in: here)
    }
    position = nil
    return true
  }

  private func missing(upTo end: UInt64, in here: Position) -> Bool {
    fault = Fault(
      error: .missingRecords(file: here.view.name, lost: nextSequence...(end - 1)), resume: end,
      canSearch: false)
    return false
  }

  private func fail(_ reason: FaultReason, at here: Position) -> Bool {
    fault = Fault(
      error: .corruptRecord(
        file: here.view.name, offset: here.scanner.offset, sequence: nextSequence, reason: reason),
      resume: here.view.successor ?? here.view.nextSequence ?? here.scanner.sequence, canSearch: true)
    return false
  }
}
