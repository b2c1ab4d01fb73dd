import CDBDomain
import CDBPipeline

// What the processes of a pipeline that runs as several have to say, and what their silence does.
extension Diagnostician {
  /// A process that is away breaks the layer of its stage; so does one that has begun anew, for as long as that shows.
  func lost(_ stage: StageStatus, _ outage: StageOutage) -> Diagnosis {
    let name = stage.stage.rawValue
    let english = name + (outage.process.map { " at \($0)" } ?? "")
    let german = name + (outage.process.map { " auf \($0)" } ?? "")
    let cause = outage.cause.map { " (\($0))" } ?? ""
    let words =
      switch outage.kind {
      case .away, .bus:
        Translation(
          en: "the process of \(english) does not answer\(cause)",
          de: "der Prozess von \(german) antwortet nicht\(cause)")
      case .restarted:
        Translation(
          en: "the process of \(english) has begun anew", de: "der Prozess von \(german) hat neu begonnen")
      case .waiting:
        Translation(
          en: "the process of \(english) waits for its streams\(cause)",
          de: "der Prozess von \(german) wartet auf seine Ströme\(cause)")
      case .untaken:
        Translation(
          en: "no process of \(name) that is asked takes all of its partitions\(cause)",
          de: "kein Prozess von \(name), der gefragt wird, nimmt alle seine Partitionen\(cause)")
      }
    return answer(
      .broken, en: words[.en], de: words[.de],
      layer: stage.stage.layer, reason: .processLost, since: outage.since,
      evidence: [Evidence("process", "\(english) \(outage.kind.rawValue)", ageSeconds: age(of: outage.since))]
    )
  }

  /// Where no process of any stage answers, it is hardly all of them: whoever asks is cut off, or the machine is gone.
  func cutOff() -> Diagnosis? {
    // One of several that share a stage is named: others of it answer.
    let outages = status.stages.compactMap(\.outage).filter { $0.kind == .away && $0.process == nil }
    guard outages.count > 1, outages.count == status.stages.count, let since = outages.map(\.since).max()
    else {
      return nil
    }
    return answer(
      .broken, en: "no process of the pipeline answers", de: "kein Prozess der Pipeline antwortet",
      layer: .system, reason: .processLost, since: since,
      evidence: [Evidence("processes_away", "\(outages.count)", ageSeconds: age(of: since))])
  }

  /// The bus is nobody's layer: whoever has none says so, and the others wait for him.
  func bus() -> Diagnosis? {
    let stages = status.stages.filter { $0.outage?.kind == .bus }
    guard let first = stages.first?.outage else { return nil }
    let names = stages.map { stage in
      stage.stage.rawValue + (stage.outage?.process.map { " (\($0))" } ?? "")
    }.joined(separator: ", ")
    let cause = first.cause ?? ""
    return answer(
      .broken, en: "\(names) \(stages.count == 1 ? "has" : "have") no bus: \(cause)",
      de: "\(names) \(stages.count == 1 ? "hat" : "haben") keinen Bus: \(cause)", layer: .system,
      reason: .busFailed, evidence: [Evidence("without_bus", "\(names)")])
  }

  var aboutProcesses: [Hypothesis] {
    var found: [Hypothesis] = []
    if let untaken = status.stages.first(where: { $0.outage?.kind == .untaken }) {
      let name = untaken.stage.rawValue
      found.append(
        Hypothesis(
          en:
            "services.\(name) does not name all of its processes, or \(name).partitions of none of them has these",
          de: "services.\(name) nennt nicht alle seine Prozesse, oder \(name).partitions hat sie bei keinem",
          [Evidence("failure", untaken.outage?.cause ?? "")]))
    }
    func stages(_ miss: StageOutage.Miss) -> [String] {
      status.stages.filter { $0.outage?.miss == miss }.map {
        "\($0.stage.rawValue): \($0.outage?.cause ?? "")"
      }
    }
    if let unreachable = stages(.unreachable).first {
      found.append(
        Hypothesis(
          en: "the process has ended, or the gate service is told another address than it listens at",
          de:
            "der Prozess ist zu Ende, oder der Gate-Dienst kennt eine andere Adresse als die, an der er lauscht",
          [Evidence("failure", unreachable)]))
    }
    if let silent = stages(.silent).first {
      found.append(
        Hypothesis(
          en:
            "the process or its machine stands still, or the network between here and there drops what is sent",
          de: "der Prozess oder seine Maschine steht, oder das Netz dazwischen verwirft, was gesendet wird",
          [Evidence("failure", silent)]))
    }
    if let strange = stages(.strange).first {
      found.append(
        Hypothesis(
          en: "something else listens at its address, or it is of another version",
          de: "an seiner Adresse lauscht etwas anderes, oder er hat eine andere Version",
          [Evidence("failure", strange)]))
    }
    return found
  }
}
