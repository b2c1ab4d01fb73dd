import CDBDomain

/// A part of the page that is sent anew when it has changed. The raw value is its element's id, and the name of its
/// event.
enum PageSection: String, Sendable, CaseIterable {
  case answer, incidents, activity, pipeline, checks, timeline, account, block, trades

  /// The section's inner markup.
  func render(_ snapshot: PageSnapshot, _ language: Language) -> HTML {
    switch self {
    case .answer: AnswerSection.render(snapshot, language)
    case .pipeline: PipelineSection.render(snapshot, language)
    case .checks: ChecksSection.render(snapshot, language)
    case .timeline: TimelineSection.render(snapshot, language)
    case .account: AccountSection.render(snapshot, language)
    case .incidents: IncidentsSection.render(snapshot, language)
    case .activity: ActivitySection.render(snapshot, language)
    case .block: BlockSection.render(snapshot, language)
    case .trades: TradesSection.render(snapshot, language)
    }
  }

  var heading: Translation {
    switch self {
    case .answer: Translation(en: "Is it trading?", de: "Handelt es?")
    case .pipeline: Translation(en: "Pipeline", de: "Pipeline")
    case .checks: Translation(en: "Gate and its five checks", de: "Gate und seine fünf Prüfungen")
    case .timeline: Translation(en: "The last 24 hours", de: "Die letzten 24 Stunden")
    case .account: Translation(en: "Account", de: "Konto")
    case .incidents: Translation(en: "Incidents", de: "Vorfälle")
    case .activity: Translation(en: "Activity", de: "Aktivität")
    case .block: Translation(en: "Block", de: "Block")
    case .trades: Translation(en: "Latest orders and fills", de: "Letzte Orders und Ausführungen")
    }
  }
}
