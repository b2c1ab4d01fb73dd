import CCRC32C
import Testing

@Suite("CRC-32C")
struct ChecksumTests {
  @Test("the check value is that of the catalogue, from hardware and from tables")
  func checkValue() {
    let bytes = Array("123456789".utf8)
    #expect(ccrc32c(0, bytes, bytes.count) == 0xE306_9283)
    #expect(ccrc32c_portable(0, bytes, bytes.count) == 0xE306_9283)
    // RFC 3720, appendix B.4.
    #expect(ccrc32c(0, [UInt8](repeating: 0, count: 32), 32) == 0x8A91_36AA)
    #expect(ccrc32c(0, [UInt8](repeating: 0xFF, count: 32), 32) == 0x62A8_AB43)
    #expect(ccrc32c(0, nil, 0) == 0)
  }

  @Test("hardware and tables agree at every length, alignment and split")
  func implementationsAgree() {
    var random = SeededGenerator(seed: 1)
    let bytes = (0..<40_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    bytes.withUnsafeBytes { buffer in
      for length in Array(0...900) + [4096, 8191, 12_287, 12_288, 12_289, 24_700, 39_990] {
        let start = buffer.baseAddress! + length % 9
        let expected = ccrc32c_portable(0, start, length)
        #expect(ccrc32c(0, start, length) == expected)
        let split = length / 3
        #expect(ccrc32c(ccrc32c(0, start, split), start + split, length - split) == expected)
      }
      let word = buffer.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
      #expect(ccrc32c_u64(7, UInt64(littleEndian: word)) == ccrc32c(7, buffer.baseAddress, 8))
    }
  }
}
