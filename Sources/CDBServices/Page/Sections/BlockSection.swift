import CDBDomain
import CDBGate

/// The newest block: where it stands, its checkpoints, what came of it, and what comes next.
enum BlockSection {
  static func render(_ page: PageSnapshot, _ language: Language) -> HTML {
    guard let block = page.block else {
      return PageParts.nothing(
        Translation(en: "This run has no blocks.", de: "Dieser Lauf hat keine Blöcke."), language)
    }
    guard block.block > 0 else {
      return PageParts.nothing(
        Translation(en: "None has begun yet.", de: "Noch keiner hat begonnen."), language)
        + next(block, language)
    }
    return head(block, language) + facts(block, page.now, language) + checkpoints(block, page.now, language)
      + next(block, language)
  }

  private static func head(_ block: BlockStatus, _ language: Language) -> HTML {
    let share = block.plannedSeconds > 0 ? min(1, max(0, block.elapsedSeconds / block.plannedSeconds)) : 1
    // Whole percents: the seconds of three days are no news.
    let percent = Int((share * 100).rounded(.down))
    let label = Translation(en: "progress of the block", de: "Fortschritt des Blocks")
    let judgement: HTML? = block.judgement.map { $0.tone.badge($0.name(in: language)) }
    return #"""
      <p class="state"><strong>\#(block.block)</strong> \#(block.state.tone.badge(block.state.name(in: language))) \#(judgement)</p>\#
      <p><progress max="100" value="\#(percent)" aria-label="\#(label[language])">\#(percent) %</progress> \#(percent) %</p>
      """#
  }

  private static func facts(_ block: BlockStatus, _ now: EventTime, _ language: Language) -> HTML {
    var facts: [HTML] = []
    func instant(_ nanoseconds: Int64) -> HTML {
      PageParts.instant(EventTime(nanoseconds: nanoseconds), at: now, isPlain: true)
    }
    if let started = block.startedNs {
      let by: HTML? = block.startedBy.map { #" <span class="by">\#($0)</span>"# }
      facts.append(
        PageParts.fact(Translation(en: "begun", de: "begonnen"), "\(instant(started))\(by)", language))
    }
    if let ended = block.endedNs {
      let why: HTML? = block.endReason.map { ": \($0)" }
      facts.append(
        PageParts.fact(Translation(en: "ended", de: "beendet"), "\(instant(ended))\(why)", language))
    } else if let planned = block.plannedEndNs {
      facts.append(PageParts.fact(Translation(en: "ends", de: "endet"), instant(planned), language))
    }
    if let directory = block.directory {
      facts.append(
        PageParts.fact(Translation(en: "report", de: "Bericht"), "<code>\(directory)</code>", language))
      facts.append(
        PageParts.fact(
          Translation(en: "learned, to do", de: "gelernt, zu tun"), "\(block.lessons), \(block.todos)",
          language))
    }
    return #"<dl class="facts">\#(facts)</dl>"#
  }

  private static func checkpoints(_ block: BlockStatus, _ now: EventTime, _ language: Language) -> HTML {
    guard !block.checkpoints.isEmpty else { return .none }
    let rows = block.checkpoints.map { checkpoint -> [HTML] in
      let (tone, words): (Tone, Translation) =
        if checkpoint.isMade, checkpoint.lateSeconds > 0 {
          (.warning, Translation(en: "made late", de: "zu spät gemacht"))
        } else if checkpoint.isMade {
          (.good, Translation(en: "made", de: "gemacht"))
        } else if block.state == .running {
          (.calm, Translation(en: "to come", de: "kommt noch"))
        } else {
          (.unknown, Translation(en: "not made", de: "nicht gemacht"))
        }
      return [
        "\(checkpoint.number)",
        PageParts.instant(EventTime(nanoseconds: checkpoint.dueNs), at: now, isInTable: true, isPlain: true),
        checkpoint.madeNs.map {
          PageParts.instant(EventTime(nanoseconds: $0), at: now, isInTable: true, isPlain: true)
        } ?? "–",
        tone.badge(words[language]),
      ]
    }
    let columns =
      language == .de
      ? ["Nr.", "fällig (UTC)", "gemacht (UTC)", "Stand"] : ["no.", "due (UTC)", "made (UTC)", "state"]
    return PageParts.table(
      Translation(en: "Checkpoints", de: "Kontrollpunkte")[language], columns, rows)
  }

  private static func next(_ block: BlockStatus, _ language: Language) -> HTML {
    let label = Translation(en: "To do", de: "Zu tun")
    return #"<p class="remedy"><strong>\#(label, language)</strong> \#(block.state.next(in: language))</p>"#
  }
}

extension BlockState {
  var tone: Tone {
    switch self {
    case .none, .analysed: .calm
    case .running: .good
    case .finished, .reported: .warning
    }
  }
}

extension BlockJudgement {
  var tone: Tone {
    switch self {
    case .ok: .good
    case .partial: .warning
    case .critical: .bad
    }
  }
}
