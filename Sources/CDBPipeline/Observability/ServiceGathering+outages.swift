import CDBDomain

// Which processes do their stage's work, and what is the matter where none does.
extension ServiceGathering {
  /// What keeps a stage from its work as far as its processes are concerned; nil while nothing does: while each of its
  /// partitions is held by a process that is well, whatever became of others.
  public func outage(of stage: StageName, wall: EventTime, monotonic: UInt64) -> StageOutage? {
    let processes = processes(of: stage)
    var outages: [Process: StageOutage] = [:]
    for process in processes {
      outages[process] = outage(of: process, wall: wall, monotonic: monotonic)
    }
    let unheard = processes.filter { heard[$0] == nil }
    var blamed: [Process] = []
    var untaken: [UInt16] = []
    for partition in partitions(of: stage) {
      let candidates = processes.filter { heard[$0]?.partitions.contains(partition) ?? false }
      // One that ends with its input has let go of them, and nobody is to take them.
      if candidates.contains(where: {
        outages[$0] == nil && (heard[$0]?.holds ?? false || ended.contains($0))
      }) {
        continue
      }
      // First of all it is the fault of whoever had it.
      let owner = owners[stage]?[partition]?.process
      if let culprit = ([owner].compactMap { $0 } + candidates + unheard).first(where: { outages[$0] != nil })
      {
        if !blamed.contains(culprit) { blamed.append(culprit) }
      } else if candidates.isEmpty, unheard.isEmpty {
        untaken.append(partition)
      }
    }
    if let first = blamed.first, var outage = outages[first] {
      if !processes.allSatisfy({ outages[$0]?.kind == outage.kind }) {
        let alike = blamed.filter { outages[$0]?.kind == outage.kind }
        outage.process = alike.map(described).joined(separator: ", ")
      }
      return outage
    }
    if !untaken.isEmpty {
      return StageOutage(kind: .untaken, since: begun.wall, cause: described(untaken))
    }
    if let handedOver = handedOver[stage], monotonic &- handedOver.monotonic < Self.restartShows {
      return StageOutage(
        kind: .restarted, since: handedOver.wall,
        process: processes.count > 1 ? described(handedOver.process) : nil)
    }
    return nil
  }

  /// What is the matter with one process; nil while nothing is.
  private func outage(of process: Process, wall: EventTime, monotonic: UInt64) -> StageOutage? {
    guard let heard = heard[process] else {
      if hasEnded(process) { return nil }
      return monotonic &- begun.monotonic >= Self.patience ? away(process, since: begun.wall) : nil
    }
    let isOld = wall.nanoseconds &- heard.part.at.nanoseconds >= Int64(Self.patience)
    if isOld || monotonic &- heard.monotonic >= Self.patience, hasEnded(process) { return nil }
    if monotonic &- heard.monotonic >= Self.patience {
      // Where it answers, and always with the same, what it says has an age of its own.
      return away(process, since: missed[process] == nil ? heard.part.at : heard.wall)
    }
    if isOld { return away(process, since: heard.part.at) }
    if let restarted = heard.restarted, monotonic &- restarted.monotonic < Self.restartShows {
      return StageOutage(kind: .restarted, since: restarted.wall)
    }
    if let cause = heard.part.standsBy {
      return StageOutage(kind: .waiting, since: heard.part.status.startedAt, cause: cause)
    }
    return heard.part.busFailure.map { StageOutage(kind: .bus, since: heard.part.at, cause: $0) }
  }

  /// Whether a process that does not listen any more has ended with what it took in: as it said itself, or as one says that
  /// gets the end from it.
  func hasEnded(_ process: Process) -> Bool {
    guard missed[process]?.miss == .unreachable else { return false }
    return ended.contains { $0 == process || $0.stage.position > process.stage.position }
  }

  private func away(_ process: Process, since: EventTime) -> StageOutage {
    let missed = missed[process]
    return StageOutage(
      kind: .away, since: since, cause: missed?.cause ?? "what it says of itself does not change",
      miss: missed?.miss)
  }

  /// When a process of a stage last began anew, or came to partitions of another, where that is told still.
  func beganAnew(_ stage: StageName, monotonic: UInt64) -> EventTime? {
    let own = working(for: stage).compactMap(\.restarted)
    let handed = handedOver[stage].map { [(wall: $0.wall, monotonic: $0.monotonic)] } ?? []
    guard let newest = (own + handed).max(by: { $0.monotonic < $1.monotonic }),
      monotonic &- newest.monotonic < Self.beginningShows
    else { return nil }
    return newest.wall
  }

  /// Each process of a stage by itself.
  func processStatus(of stage: StageName, wall: EventTime, monotonic: UInt64) -> [ProcessStatus] {
    let isOut = outage(of: stage, wall: wall, monotonic: monotonic) != nil
    return processes(of: stage).map { process in
      let outage = outage(of: process, wall: wall, monotonic: monotonic)
      var state = outage.map { ProcessStatus.State($0.kind) } ?? .answers
      if state == .waiting, !isOut { state = .standsBy }
      if state == .answers, hasEnded(process) { state = .ended }
      return ProcessStatus(
        address: process.address, partitions: heard[process]?.part.partitions, state: state)
    }
  }

  /// The newest that was heard of the processes that hold a stage's partitions, or last held them; of the first that was
  /// heard where none ever did.
  func working(for stage: StageName) -> [Heard] {
    let processes = processes(of: stage)
    let owning = Set((owners[stage] ?? [:]).values.map { $0.process })
    let found = processes.filter(owning.contains).compactMap { heard[$0] }
    return found.isEmpty ? processes.lazy.compactMap { heard[$0] }.prefix(1).map { $0 } : found
  }

  /// All of a stage's partitions, as far as anybody has told of them.
  private func partitions(of stage: StageName) -> [UInt16] {
    guard stage == .core else { return [0] }
    var all: Set<UInt16> = [0]
    for process in processes(of: stage) { all.formUnion(heard[process]?.partitions ?? []) }
    return all.union(0..<UInt16(clamping: symbols.count)).sorted()
  }

  /// By partition.
  private var symbols: [String] {
    processes(of: .ws).lazy.compactMap { heard[$0]?.part.status.symbols }.first ?? []
  }

  // MARK: In words

  /// A process among others of its stage.
  func name(of process: Process) -> String {
    let name = process.stage.rawValue
    return processes(of: process.stage).count > 1 ? "\(name) at \(process.address)" : name
  }

  /// Its address and its symbols.
  private func described(_ process: Process) -> String {
    guard process.stage == .core, let heard = heard[process] else { return process.address }
    return "\(process.address) (\(described(heard.partitions)))"
  }

  /// A few symbols by name, many by the numbers of their partitions.
  private func described(_ partitions: [UInt16]) -> String {
    let symbols = symbols
    guard partitions.count <= 4, partitions.allSatisfy({ Int($0) < symbols.count }) else {
      return "partitions " + (PartitionShare(partitions)?.description ?? "none")
    }
    return partitions.map { symbols[Int($0)] }.joined(separator: ", ")
  }
}
