import CDBDomain

/// The newest block at an instant, for whoever asks.
public struct BlockStatus: Sendable, Hashable, Codable {
  public struct Checkpoint: Sendable, Hashable, Codable {
    public var number: Int
    public var dueNs: Int64
    public var isMade: Bool
    /// When it was made, as far as that was not in time; then, when it was due. Nil where it was not made.
    public var madeNs: Int64?
    /// How long after it was due it was made, seconds; zero where in time, or not made yet.
    public var lateSeconds: Double

    enum CodingKeys: String, CodingKey {
      case number
      case dueNs = "due_ns"
      case isMade = "made"
      case madeNs = "made_ns"
      case lateSeconds = "late_seconds"
    }
  }

  public var state: BlockState
  /// Zero before the first block; then all that follows is absent.
  public var block: Int
  public var startedNs: Int64?
  public var startedBy: String?
  public var plannedEndNs: Int64?
  public var endedNs: Int64?
  /// Why it was ended before its time.
  public var endReason: String?
  public var elapsedSeconds: Double
  public var plannedSeconds: Double
  public var checkpoints: [Checkpoint]
  public var lessons: Int
  public var todos: Int
  /// Of the newest report.
  public var judgement: BlockJudgement?
  /// SHA-256 by file name.
  public var files: [String: String]
  /// Where the report's files are; nil while there is none.
  public var directory: String?

  enum CodingKeys: String, CodingKey {
    case state, block, checkpoints, lessons, todos, judgement, files, directory
    case startedNs = "started_ns"
    case startedBy = "started_by"
    case plannedEndNs = "planned_end_ns"
    case endedNs = "ended_ns"
    case endReason = "end_reason"
    case elapsedSeconds = "elapsed_seconds"
    case plannedSeconds = "planned_seconds"
  }

  /// - Parameter directory: where the files of a report would be.
  public init(_ machine: BlockStateMachine, at now: EventTime, directory: String? = nil) {
    state = machine.state
    guard let block = machine.block else {
      (self.block, elapsedSeconds, plannedSeconds, lessons, todos) = (0, 0, 0, 0, 0)
      (checkpoints, files) = ([], [:])
      return
    }
    self.block = block.number
    startedNs = block.startedAt.nanoseconds
    startedBy = block.startedBy
    plannedEndNs = block.plannedEnd.nanoseconds
    endedNs = block.endedAt?.nanoseconds
    endReason = block.end?.reason
    let until = block.endedAt ?? max(now, block.startedAt)
    elapsedSeconds = Double(until.nanoseconds &- block.startedAt.nanoseconds) / 1e9
    plannedSeconds = Double(block.plan.duration) / 1e9
    checkpoints = block.plan.checkpoints.enumerated().map { index, after in
      let made = index < block.checkpoints.count ? block.checkpoints[index] : nil
      let due = block.startedAt.advanced(by: after)
      return Checkpoint(
        number: index + 1, dueNs: due.nanoseconds, isMade: made != nil,
        madeNs: made.map { due.advanced(by: $0.late).nanoseconds },
        lateSeconds: Double(made?.late ?? 0) / 1e9)
    }
    lessons = block.lessons.lessons.count
    todos = block.lessons.todos.count
    judgement = block.seal?.judgement
    files = block.seal?.files ?? [:]
    self.directory = block.seal == nil ? nil : directory
  }
}

extension BlockState {
  public func name(in language: Language) -> String {
    guard language == .de else { return rawValue }
    return switch self {
    case .none: "keiner"
    case .running: "läuft"
    case .finished: "beendet"
    case .reported: "berichtet"
    case .analysed: "ausgewertet"
    }
  }

  /// What comes next.
  public func next(in language: Language) -> String {
    switch self {
    case .none: "cdb block start"
    case .running:
      Translation(
        en: "it ends by itself; before its time by cdb block finish --reason …",
        de: "er endet von selbst; vorzeitig mit cdb block finish --reason …")[language]
    case .finished: "cdb block report"
    case .reported:
      Translation(
        en: "read the report, then cdb block report --lesson …; only then the next one may begin",
        de: "den Bericht lesen, dann cdb block report --lesson …; erst dann darf der nächste beginnen")[
          language]
    case .analysed: "cdb block start"
    }
  }
}

extension BlockStatus {
  /// State, progress, checkpoints, and what comes next.
  public func text(in language: Language) -> String {
    func say(_ en: String, _ de: String) -> String { language == .de ? de : en }
    guard block > 0 else {
      return say("no block yet", "noch kein Block") + "\n  → \(state.next(in: language))"
    }
    let share = plannedSeconds > 0 ? min(1, max(0, elapsedSeconds / plannedSeconds)) : 1
    let filled = Int((share * 30).rounded(.down))
    var lines = [
      "Block \(block) \(state.name(in: language)): \(Self.age(elapsedSeconds)) "
        + say("of", "von") + " \(Self.age(plannedSeconds))",
      "  [" + String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
        + "] \(Int((share * 100).rounded(.down))) %",
    ]
    if let startedNs {
      lines.append(
        "  " + say("start     ", "Start         ") + Self.time(startedNs)
          + (startedBy.map { " (\($0))" } ?? ""))
    }
    for checkpoint in checkpoints {
      let what =
        checkpoint.isMade
        ? checkpoint.lateSeconds > 0
          ? say("LATE: it was due at ", "ZU SPÄT: fällig war er um ") + Self.time(checkpoint.dueNs) + ", "
            + Self.age(checkpoint.lateSeconds) + say(" before", " davor")
          : say("made", "erledigt")
        : state == .running ? say("due", "fällig") : say("not made", "nicht gemacht")
      lines.append(
        "  " + say("look \(checkpoint.number)    ", "Blick \(checkpoint.number)       ")
          + Self.time(checkpoint.madeNs ?? checkpoint.dueNs) + "  \(what)")
    }
    if let endedNs {
      lines.append(
        "  " + say("end       ", "Ende          ") + Self.time(endedNs) + (endReason.map { " (\($0))" } ?? "")
      )
    } else if let plannedEndNs {
      lines.append("  " + say("planned   ", "geplant bis   ") + Self.time(plannedEndNs))
    }
    if let judgement, let directory {
      lines.append(
        "  " + say("report    ", "Bericht       ") + "\(judgement.name(in: language)), \(directory)")
      lines.append(
        "  " + say("learned   ", "gelernt       ") + "\(lessons), " + say("to do", "zu tun") + " \(todos)")
    }
    lines.append("  → \(state.next(in: language))")
    return lines.joined(separator: "\n")
  }

  private static func time(_ nanoseconds: Int64) -> String {
    FigureText.time(EventTime(nanoseconds: nanoseconds))
  }

  private static func age(_ seconds: Double) -> String {
    seconds < 1e12 ? AgeText.render(seconds: Int64(seconds)) : "?"
  }
}
