import CDBDomain
import CDBPipeline

// Why it is so, where what was met says it itself.
extension Diagnostician {
  /// Nothing listens where somebody is asked: that is no question any more, unlike an answer that does not come. Nil where
  /// nothing of this status says so.
  func cause(of diagnosis: Diagnosis) -> Translation? {
    switch diagnosis.reason.flatMap(ReasonCode.init(code:)) {
    case .processLost?: causeOfLoss(in: diagnosis.layer)
    case .checkUnavailable?:
      diagnosis.evidence.first { $0.name == "cause" && Self.saysNobodyListens($0.value) }.map {
        Translation(
          en: "nothing listens where the check connects to: \($0.value)",
          de: "wohin die Prüfung sich verbindet, lauscht nichts: \($0.value)")
      }
    default: nil
    }
  }

  /// - Parameter layer: of the answer; all stages count where it is the system's.
  private func causeOfLoss(in layer: Layer?) -> Translation? {
    let lost = status.stages.filter {
      $0.outage?.kind == .away && (layer == .system || $0.stage.layer == layer)
    }
    guard !lost.isEmpty, lost.allSatisfy({ $0.outage?.miss == .unreachable }) else { return nil }
    let addresses = lost.flatMap { ($0.processes ?? []).filter { $0.state == .away }.map(\.address) }
    guard addresses.count == lost.count, !addresses.contains("") else {
      // Of several processes of a stage each may be away for another reason; and of some no address is known.
      let cause = lost.compactMap { $0.outage?.cause }.first.map { " (\($0))" } ?? ""
      return Translation(
        en: "nothing listens where it is asked\(cause)", de: "wo gefragt wird, lauscht nichts\(cause)")
    }
    let list = addresses.joined(separator: ", ")
    // Over a network it may be the way that is missing.
    guard addresses.allSatisfy(Self.isOfThisMachine) else {
      return Translation(
        en: "nothing listens at \(list), or no way leads there",
        de: "an \(list) lauscht nichts, oder kein Weg führt dorthin")
    }
    return Translation(en: "nothing listens at \(list)", de: "an \(list) lauscht nichts")
  }

  private static func isOfThisMachine(_ address: String) -> Bool {
    ["127.", "localhost:", "[::1]:", "::1:"].contains { address.hasPrefix($0) }
  }

  /// The words of the system, of libpq and of libcurl for a port at which nobody listens.
  static func saysNobodyListens(_ text: String) -> Bool {
    ["Connection refused", "Couldn't connect to server"].contains { text.contains($0) }
  }
}
