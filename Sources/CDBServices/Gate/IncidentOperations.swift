import CDBDomain
import CDBGate
import ServiceRuntime

extension RunOperations {
  public struct IncidentsInput: Codable, Sendable {
    /// Closed ones too; those alone that are not where it is missing.
    public var all: Bool?
    /// Only this one, closed or not.
    public var number: UInt64?
  }

  public struct Incidents: Codable, Sendable {
    /// Newest first.
    public var incidents: [Incident]
  }

  public struct AcknowledgeInput: Codable, Sendable {
    public var incident: UInt64
    public var words: String?
    public init(incident: UInt64, words: String? = nil) {
      self.incident = incident
      self.words = words
    }
  }

  public struct RootCauseInput: Codable, Sendable {
    public var incident: UInt64
    public var text: String
    public init(incident: UInt64, text: String) {
      self.incident = incident
      self.text = text
    }
  }

  static func incidents(_ run: Surroundings) -> [AnyOperation] {
    [
      AnyOperation(
        Operation<IncidentsInput, Incidents>(
          name: "incidents", summary: "The incidents that are not closed, newest first, with their evidence.",
          examples: [#"{"all":true}"#, #"{"number":3}"#]
        ) { input, _ in
          let all = run.gateBoard.incidents.incidents
          guard let number = input.number else {
            return Incidents(
              incidents: all.filter { input.all == true || $0.state != .closed }.reversed())
          }
          guard let one = run.gateBoard.incidents[number] else {
            throw OperationError.notFound("there is no incident \(number), or it was closed long ago")
          }
          return Incidents(incidents: [one])
        }),
      AnyOperation(
        Operation<AcknowledgeInput, IncidentReport>(
          name: "incident.acknowledge", summary: "Says that a person has seen an incident.", effect: .change,
          permission: "incident.write", examples: [#"{"incident":3,"words":"I am looking at it"}"#]
        ) { input, context in
          try await guarded(run).acknowledge(
            input.incident, actor: operatorName(context), words: try input.words.map(bounded))
        }),
      AnyOperation(
        Operation<RootCauseInput, IncidentReport>(
          name: "incident.cause",
          summary: "Writes down what caused an incident; the gate may verify again then.", effect: .change,
          permission: "incident.write",
          examples: [#"{"incident":3,"text":"the switch in the rack lost its power"}"#]
        ) { input, context in
          try await guarded(run).writeRootCause(
            input.incident, actor: operatorName(context), text: try written(input.text))
        }),
      AnyOperation(
        Operation<AcknowledgeInput, IncidentReport>(
          name: "incident.close", summary: "Closes an incident that is over and verified.", effect: .change,
          permission: "incident.write", examples: [#"{"incident":3,"words":"the power supply was replaced"}"#]
        ) { input, context in
          try await guarded(run).close(
            input.incident, actor: operatorName(context), words: try input.words.map(bounded))
        }),
    ]
  }

  private static func written(_ text: String) throws -> String {
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw OperationError.invalidInput("a root cause is needed, in words")
    }
    return try bounded(text)
  }
}
