import CDBDomain
import CDBPipeline

// What does not keep it from its work, and somebody should know of. What the answer is about already is not said again.
extension Diagnostician {
  func remarks(beside diagnosis: Diagnosis) -> [Remark] {
    [
      Remark.journal(status.journalDamage),
      isAboutFrames(diagnosis) ? nil : aboutUnusable,
      diagnosis.reason == ReasonCode.clockJump.code ? nil : aboutSkew,
      Remark.configurations(status.configurations),
    ].compactMap { $0 }
  }

  private func isAboutFrames(_ diagnosis: Diagnosis) -> Bool {
    diagnosis.verdict == .broken && diagnosis.layer == .marketData
      && diagnosis.reason.flatMap(Diagnosis.playbookName) == Remark.Kind.undecodableFrames.rawValue
  }

  private var aboutUnusable: Remark? {
    guard let lately = status.stage(.ws)?.lately, let share = unusableShare(of: .ws) else { return nil }
    let unusable = lately.unusable
    let worst = unusable.byReason.max { $0.count < $1.count }?.reason
    let percent = Self.rounded(share * 100)
    let percentDe = Self.roundedDe(share * 100)
    return Remark(
      .undecodableFrames,
      en: "\(percent) % of what came lately cannot be used: \(worst?.explanation(in: .en) ?? "unknown")",
      de:
        "\(percentDe) % dessen, was zuletzt kam, ist unbrauchbar: \(worst?.explanation(in: .de) ?? "unbekannt")",
      [
        Evidence("unusable", "\(unusable.total) of \(lately.received) in \(Int(lately.seconds)) s"),
        Evidence(
          "reasons", unusable.byReason.map { "\($0.reason.code) \($0.count)" }.joined(separator: ", ")),
      ])
  }

  /// The share of the last minute's input that could not be used, where it is noteworthy; only ws decodes.
  func unusableShare(of stage: StageName) -> Double? {
    guard stage == .ws, let lately = status.stage(.ws)?.lately, lately.received > 0 else { return nil }
    let unusable = lately.unusable.total
    let share = Double(unusable) / Double(lately.received)
    guard unusable >= thresholds.fewestUnusable, share > thresholds.unusableShare else { return nil }
    return share
  }

  /// Neither clock is to be trusted. What a delay has grown by is lateness, and no skew.
  private var aboutSkew: Remark? {
    guard status.feed.isLive, let offset = status.feed.offsetNanoseconds else { return nil }
    let skew = Double(offset) / 1e9 - lateness
    let evidence = [
      Evidence(
        "clock_skew_seconds", (skew > 0 ? "+" : "") + Self.rounded(skew),
        ageSeconds: status.feed.lastFrameWall.map(age))
    ]
    let (size, sizeDe) = (Self.rounded(abs(skew)), Self.roundedDe(abs(skew)))
    if skew <= -thresholds.timeAhead {
      // Nothing comes before it was sent: this is one of the clocks.
      return Remark(
        .clockSkew,
        en: "this machine's clock is \(size) s behind the exchange's: one of the two is wrong",
        de: "die Uhr dieses Rechners geht \(sizeDe) s hinter der der Börse: eine von beiden geht falsch",
        evidence)
    }
    if skew >= thresholds.lateFeed {
      return Remark(
        .clockSkew,
        en:
          "this machine's clock is \(size) s ahead of the exchange's: one of the two is wrong, or all data come "
          + "that late",
        de:
          "die Uhr dieses Rechners geht \(sizeDe) s vor der der Börse: eine von beiden geht falsch, oder alle Daten "
          + "kommen so spät",
        evidence)
    }
    return nil
  }
}

extension Remark {
  /// Of what of the journal cannot be read and is not needed; nil where that is nothing.
  public static func journal(_ damage: [JournalDamage]) -> Remark? {
    guard let first = damage.first else { return nil }
    var evidence = [
      Evidence("journal_file", first.file),
      Evidence("offset", "\(first.offset)"),
      Evidence("damage", first.reason),
    ]
    if let from = first.firstLost, let to = first.lastLost {
      evidence.append(Evidence("lost_records", "\(from) to \(to)"))
    }
    if damage.count > 1 { evidence.append(Evidence("damaged_parts", "\(damage.count)")) }
    return Remark(
      .journalDamaged,
      en:
        "a part of the journal cannot be read; a checkpoint covers it, and nothing that runs needs it, but a replay "
        + "ends in front of it",
      de:
        "ein Teil des Journals ist nicht lesbar; ein Sicherungspunkt deckt ihn, und nichts, was läuft, braucht ihn, "
        + "aber ein Replay endet davor", evidence)
  }
}

extension Remark {
  /// So many settings are named of a process, and so much of a value.
  private static let (mostSettings, longestValue) = (5, 60)

  /// Of processes that were started with other settings than ws; nil where none was.
  static func configurations(_ others: [ConfigurationDifference]) -> Remark? {
    guard !others.isEmpty else { return nil }
    let names = others.map(\.process).joined(separator: ", ")
    let isOne = others.count == 1
    return Remark(
      .configurationsDiffer,
      en: "\(names) \(isOne ? "was" : "were") started with other settings than ws",
      de: "\(names) \(isOne ? "wurde" : "wurden") mit anderen Einstellungen gestartet als ws",
      others.map { other in
        var parts = other.settings.prefix(mostSettings).map { setting in
          "\(setting.key) \(shown(setting.value)), ws \(shown(setting.wsValue))"
        }
        let more = other.settings.count - parts.count
        if more > 0 { parts.append("… \(more)") }
        if parts.isEmpty { parts = ["fingerprint \(other.fingerprint), ws \(other.wsFingerprint)"] }
        return Evidence(other.process, parts.joined(separator: "; "))
      })
  }

  private static func shown(_ value: String?) -> String {
    guard let value else { return "-" }
    return value.count > longestValue ? value.prefix(longestValue) + "…" : value
  }
}

extension RecentIntake {
  /// What was dropped because it could not be used. A gap of a book is none of that: the frame was whole.
  var unusable: ReasonCounts {
    var counts = dropped
    for reason in ReasonCode.allCases
    where reason == .bookGap || reason.playbook != Remark.Kind.undecodableFrames.rawValue {
      counts[reason] = 0
    }
    return counts
  }
}
