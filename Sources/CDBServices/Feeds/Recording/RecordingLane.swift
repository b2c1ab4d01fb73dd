/// One file of a merge, with frames that were read ahead. A class because it owns a file.
final class RecordingLane {
  private static let readAhead = 256

  private var recording: FrameRecording
  private var batch = FrameBuffer()
  private var next = 0
  private var hasEnded = false

  init(_ recording: consuming FrameRecording) {
    self.recording = recording
  }

  var statistics: FrameRecording.Statistics { recording.statistics }

  /// The receive time of the next frame; nil at the end. The file's error is the last that it gives: it
  /// has ended from then on.
  func headTime() throws(RecordingError) -> Int64? {
    if next == batch.count {
      guard !hasEnded else { return nil }
      batch.removeAll()
      next = 0
      do throws(RecordingError) {
        hasEnded = try recording.read(maximum: Self.readAhead, into: &batch) == 0
      } catch {
        hasEnded = true
        throw error
      }
      if hasEnded { return nil }
    }
    return batch.time(at: next)
  }

  /// Hands out the frame whose time ``headTime()`` gave, and steps over it.
  func takeHead(_ body: (RecordedFrame) -> Void) {
    batch.withFrame(next, body)
    next += 1
  }
}
