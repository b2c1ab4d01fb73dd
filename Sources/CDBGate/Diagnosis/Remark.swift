import CDBDomain

/// Something that somebody should know of, whatever the answer is: it keeps nothing from its work.
public struct Remark: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
    /// A part of the journal cannot be read, and a checkpoint covers it.
    case journalDamaged = "journal_damaged"
    /// A noteworthy share of what comes cannot be used, and the market data suffice.
    case undecodableFrames = "undecodable_frames"
    /// This machine's clock and the exchange's are apart.
    case clockSkew = "clock_skew"
    /// Processes of the pipeline were started with other settings than ws.
    case configurationsDiffer = "configurations_differ"
  }

  public var kind: Kind
  /// One sentence, in English and in German.
  public var text: String
  public var textDe: String
  public var evidence: [Evidence]

  enum CodingKeys: String, CodingKey {
    case kind, text, evidence
    case textDe = "text_de"
  }

  init(_ kind: Kind, en: String, de: String, _ evidence: [Evidence]) {
    self.kind = kind
    text = en
    textDe = de
    self.evidence = evidence
  }

  /// The sentence in a language.
  public func text(in language: Language) -> String { language == .de ? textDe : text }

  /// The sentence with its figures.
  public func line(in language: Language) -> String {
    let figures = evidence.map {
      "\($0.name) = \(DecimalText.localizedFigures($0.value, in: language))"
    }.joined(separator: ", ")
    return text(in: language) + (figures.isEmpty ? "" : " (\(figures))")
  }

  /// What a person does about it.
  public func remedy(in language: Language) -> String {
    let remedy =
      switch kind {
      case .journalDamaged:
        Translation(
          en: "copy the data directory, delete nothing of it, and check disk and memory (dmesg, smartctl)",
          de:
            "das Datenverzeichnis kopieren, nichts daraus löschen, Datenträger und Speicher prüfen (dmesg, smartctl)"
        )
      case .undecodableFrames:
        Translation(
          en: "look at what comes: the address, the symbols, a format that has changed",
          de: "ansehen, was kommt: die Adresse, die Symbole, ein Format, das sich geändert hat")
      case .clockSkew:
        Translation(
          en:
            "see what sets this machine's clock (timedatectl): if it is synchronised, the exchange's is the wrong one",
          de:
            "nachsehen, was die Uhr dieses Rechners stellt (timedatectl): ist sie synchron, geht die der Börse falsch"
        )
      case .configurationsDiffer:
        Translation(
          en:
            "start them anew with the settings of ws (cdb config, with the options of each, shows what it gets)",
          de:
            "sie mit den Einstellungen von ws neu starten (cdb config, mit den Optionen eines jeden, zeigt, was er bekommt)"
        )
      }
    return remedy[language]
  }

  /// The page that says what to do, from the repository's root.
  public func playbook(in language: Language) -> String {
    let folder = "docs/04_incident-management"
    let pages = language == .de ? "\(folder)/playbooks/de" : "\(folder)/playbooks"
    return switch kind {
    case .journalDamaged: "\(folder)/recovery.md"
    case .undecodableFrames: "\(pages)/undecodable_frames.md"
    case .clockSkew: "\(pages)/clock_jump.md"
    case .configurationsDiffer: "docs/03_stacks/services.md"
    }
  }

  /// The name of the playbook that the service shows to a browser; nil where the page is none of those.
  public var playbookName: String? {
    switch kind {
    case .journalDamaged, .configurationsDiffer: nil
    case .undecodableFrames: "undecodable_frames"
    case .clockSkew: "clock_jump"
    }
  }
}
