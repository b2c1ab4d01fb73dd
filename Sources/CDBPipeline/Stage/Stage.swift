import CDBDomain

/// One step of the pipeline: data in, data out.
///
/// A stage is a value. It gets one input after the other, in an order that does not depend on batches,
/// tasks or machines, and says what became of each. Reading, publishing, numbering, counting, timing,
/// logging, tracing, health and snapshots are the runtime's: a stage's author cannot forget them. Its coded
/// form *is* its snapshot.
public protocol Stage: Codable, Sendable {
  /// What the stage takes: an event, or for ws an input as it was journaled.
  associatedtype Input
  static var name: StageName { get }

  /// Takes one input at the outbox's time, and emits what follows from it.
  mutating func handle(_ input: Input, _ outbox: inout Outbox) -> Disposition

  /// Event time has come to `time`, and no earlier event will follow. Emitted events are ordered before
  /// any event of a later time, so what happens here must not depend on how often it is called.
  mutating func advance(to time: EventTime, _ outbox: inout Outbox)
}

extension Stage {
  public mutating func advance(to time: EventTime, _ outbox: inout Outbox) {}
}

/// What became of an event in a stage.
public enum Disposition: Sendable, Hashable {
  /// It went on, or something followed from it.
  case acted
  /// It did its work here and goes no further.
  case absorbed(ReasonCode)
  /// It could not be used.
  case dropped(ReasonCode)
}

/// A stage whose decisions wait for what came of earlier ones: risk, for the results of its orders.
///
/// An answer follows from something that happened: an order arrived, or the market came to one that waits. The
/// stage knows every time at which that may have been, and the runtime lets it run ahead of the stage that
/// answers only as far as no answer to any of them can be due. This makes every decision see exactly the answers
/// that were known at its event time.
public protocol FeedbackStage: Stage where Input == Event {
  /// The earliest time later than `known` at which something may have happened, or will happen, that an answer
  /// follows from; nil where there is none as far as the stage has seen. What it has yet to see is later.
  ///
  /// - Parameter known: answers to what happened up to and including this time were received.
  mutating func awaitsAnswer(after known: EventTime) -> EventTime?
  /// No answer comes sooner than this after the event it is about, nanoseconds; at least 1.
  var smallestFeedbackLatency: Int64 { get }
}
