import CDBDomain
import Foundation

extension Control {
  /// Reads a control record of the journal; nil where the bytes are not one.
  public init?(json: UnsafeRawBufferPointer) {
    guard let control = try? JSONDecoder().decode(Control.self, from: Data(json)) else { return nil }
    self = control
  }

  /// The control as a journal record holds it.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return Array(try encoder.encode(self))
  }
}

extension PipelineConfiguration {
  /// Twelve hexadecimal digits that differ when anything differs that the stages decide by.
  public func fingerprint() throws -> String {
    let bytes = try Control.configure(self).json()
    // FNV-1a, 64 bits: it tells configurations apart, it does not protect them.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    let text = String(hash, radix: 16)
    return String((String(repeating: "0", count: 16 - text.count) + text).prefix(12))
  }
}
