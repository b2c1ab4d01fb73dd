import CDBDomain
import Foundation
import Testing

@testable import CDBGate
@testable import CDBPipeline

/// The column "layer" of the playbooks' index, held against what answers can name with a code.
@Suite("The layers in the index of the playbooks")
struct PlaybookLayerTests {
  /// What stands for the layer of whichever stage it is, and for none.
  static let any = "any"
  static let none = "none"

  static func index(_ language: Language) throws -> [(code: String, layer: String)] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = "docs/04_incident-management/playbooks/" + (language == .de ? "de/" : "")
    let text = try String(contentsOf: root.appending(path: folder + "README.md"), encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      line.prefixMatch(of: /\| `([a-z_\-]+)` \| ([a-z_]+) \|/).map {
        (code: String($0.output.1), layer: String($0.output.2))
      }
    }
  }

  /// The layers that an answer, or the gate's reason in it, can name with a code.
  static func layers(_ code: String) -> Set<String> {
    if let check = GateCheck.allCases.first(where: { code == "check-\($0.rawValue)" }) {
      return [check.layer.rawValue]
    }
    if let reason = AnswerReason(rawValue: code) {
      switch reason {
      case .noSignal, .noOrder: return [none]
      case .noFill: return [Layer.execution.rawValue]
      case .plannedRestart, .unplannedRestart, .restart, .processHeldUp: return [Layer.system.rawValue]
      }
    }
    guard let reason = ReasonCode(code: code) else { return [none] }
    switch reason {
    case .stageFailed, .stageStalled, .processLost: return [any]
    case .gateVerifying: return [none]
    // The answer is the emergency stop's, which belongs to risk.
    case .gateStopped: return [Layer.risk.rawValue]
    default: break
    }
    guard reason.layer == .system else {
      // What risk refuses by is named with risk, wherever else it may come from.
      return Set([reason.layer] + (ReasonCatalogue[reason].area == .risk ? [.risk] : [])).reduce(into: []) {
        $0.insert($1.rawValue)
      }
    }
    switch ReasonCatalogue[reason].area {
    case .feed: return [Layer.marketData.rawValue]
    case .risk: return [Layer.risk.rawValue]
    case .exchange: return [Layer.execution.rawValue]
    case .absorbed, .gate, .system, .pipeline: return [Layer.system.rawValue]
    }
  }

  @Test(
    "each row names a layer that the code is told with, in the order of the layers",
    arguments: Language.allCases)
  func rows(language: Language) throws {
    let index = try Self.index(language)
    #expect(index.count > 60, "hardly any rows; the test looks in the wrong place")
    for (code, layer) in index {
      #expect(Self.layers(code).contains(layer), "\(code): \(layer), and not \(Self.layers(code).sorted())")
    }
    let order = [Self.any] + Layer.allCases.map(\.rawValue) + [Self.none]
    let places = index.filter { !$0.code.hasPrefix("check-") }.compactMap { order.firstIndex(of: $0.layer) }
    #expect(places == places.sorted())
  }

  @Test("a gate that was closed by hand and an emergency stop are told with the layers of the index")
  func answers() throws {
    let index = Dictionary(try Self.index(.en).map { ($0.code, $0.layer) }) { first, _ in first }
    var closed = Drive(observed: .closed)
    closed.give(.close(actor: "operator:http", reason: "maintenance"))
    var situation = Situation()
    situation.gate = GateReport(closed.machine, at: situation.now)
    let gated = situation.diagnose()
    #expect(gated.reason == "gate_closed" && gated.layer?.rawValue == index["gate_closed"])
    situation.status.gate = GateStatus(state: .stopped, enforced: true)
    let stopped = situation.diagnose()
    #expect(stopped.reason == "kill_switch" && stopped.layer?.rawValue == index["kill_switch"])
  }
}
