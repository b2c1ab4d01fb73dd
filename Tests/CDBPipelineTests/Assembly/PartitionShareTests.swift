import Testing

@testable import CDBPipeline

@Suite("A share of a stage's partitions")
struct PartitionShareTests {
  @Test(
    "is written as numbers and ranges, and in the shortest form again",
    arguments: [
      ("0", [0], "0"), ("0-1,4", [0, 1, 4], "0-1,4"), ("4,1,0", [0, 1, 4], "0-1,4"), ("3-3", [3], "3"),
      ("65535", [65_535], "65535"),
    ] as [(String, [UInt16], String)])
  func form(_ text: String, _ partitions: [UInt16], _ again: String) {
    let share = PartitionShare(text)
    #expect(share?.partitions == partitions && share?.description == again)
  }

  @Test(
    "nothing else is one",
    arguments: [
      "", " ", ",", "0,", "-1", "1-", "2-1", "0-1-2", "0,0", "0-2,1", "a", "+1", "0x1", "65536", "0-65536",
      "٣", "0-65535,0-65535",
    ])
  func others(_ text: String) { #expect(PartitionShare(text) == nil) }

  @Test("all there can be is one, and none is none")
  func ends() {
    #expect(PartitionShare("0-65535")?.partitions.count == 65_536)
    #expect(PartitionShare([UInt16]()) == nil)
    #expect(PartitionShare([2, 1, 2] as [UInt16])?.partitions == [1, 2])
  }
}
