import CDBServices
import Foundation
import Testing

@Suite("Merged recordings")
struct MergedRecordingTests {
  typealias File = FrameRecordingTests.File

  private func frames(_ recording: inout MergedRecording) throws -> [String] {
    var frames: [String] = []
    var buffer = FrameBuffer()
    while try recording.read(maximum: 4, into: &buffer) > 0 {
      buffer.forEach { frames.append("\($0.time)|\($0.source)|" + String(decoding: $0.bytes, as: UTF8.self)) }
      buffer.removeAll()
    }
    return frames
  }

  @Test("frames come by receive time, and by the files' order where it is the same")
  func order() throws {
    let (one, two) = (try File("1 a\n5 b\n5 c\n9 d\n"), try File("0 e\n5 f\n10 g\n"))
    var recording = try MergedRecording(paths: [one.path, two.path])
    #expect(try frames(&recording) == ["0|1|e", "1|0|a", "5|0|b", "5|0|c", "5|1|f", "9|0|d", "10|1|g"])
    #expect(recording.statistics.frames == 7)
  }

  @Test("a further pass is later, has sources of its own, and moves the exchange's times as far")
  func loops() throws {
    let one = try File(
      #"1000000000 {"E":1723161255208,"T":1723161255208000,"E":12,"u":1723161255208}"# + "\n3000000001 b\n")
    let two = try File("2000000000 c\n")
    var recording = try MergedRecording(paths: [one.path, two.path], loops: 3)
    #expect(
      try frames(&recording) == [
        #"1000000000|0|{"E":1723161255208,"T":1723161255208000,"E":12,"u":1723161255208}"#,
        "2000000000|1|c", "3000000001|0|b",
        #"4001000000|2|{"E":1723161258209,"T":1723161258209000,"E":12,"u":1723161255208}"#,
        "5001000000|3|c", "6001000001|2|b",
        #"7002000000|4|{"E":1723161261210,"T":1723161261210000,"E":12,"u":1723161255208}"#,
        "8002000000|5|c", "9002000001|4|b",
      ])
    #expect(recording.statistics.frames == 9)
  }

  @Test("a damaged file ends with its error, and the others go on")
  func damage() throws {
    let whole = try File("1 a\n3 b\n").compressed()
    let damaged = try File(Array(whole.bytes.dropLast(4)))
    let other = try File("2 c\n4 d\n")
    var recording = try MergedRecording(paths: [damaged.path, other.path])
    var buffer = FrameBuffer()
    #expect(try recording.read(maximum: 10, into: &buffer) == 3)
    #expect(throws: RecordingError.self) { try recording.read(maximum: 10, into: &buffer) }
    #expect(try recording.read(maximum: 10, into: &buffer) == 1)
    #expect(try recording.read(maximum: 10, into: &buffer) == 0)
    #expect(buffer.count == 4)
  }

  @Test("empty recordings are not repeated for ever")
  func empty() throws {
    let file = try File("")
    var recording = try MergedRecording(paths: [file.path], loops: 100)
    #expect(try frames(&recording).isEmpty)
  }
}
