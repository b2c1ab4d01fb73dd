import Foundation
import Testing

@testable import LogShipping

@Suite("What becomes of a batch of lines")
struct DeliveryTests {
  private static func item(_ status: Int, _ rest: String = "") -> String {
    "{\"create\":{\"status\":\(status)\(rest)}}"
  }

  private static func verdicts(_ items: [String], count: Int? = nil, errors: Bool = true) -> [ItemVerdict]? {
    BulkAnswer.verdicts(
      Array("{\"took\":3,\"errors\":\(errors),\"items\":[\(items.joined(separator: ","))]}".utf8),
      count: count ?? items.count)
  }

  @Test("each item is judged by its status: done, there already, later, or never")
  func items() {
    let error = ",\"error\":{\"type\":\"t\",\"reason\":\"r\",\"caused_by\":{\"type\":\"x\",\"reason\":\"c\"}}"
    let verdicts = Self.verdicts([
      Self.item(201), Self.item(200), Self.item(409, error), Self.item(429, error), Self.item(503, error),
      Self.item(400, error), Self.item(201, ",\"failure_store\":\"used\""),
      Self.item(201, ",\"failure_store\":\"not_applicable_or_unknown\""), Self.item(404, error),
    ])
    #expect(
      verdicts == [
        .accepted, .accepted, .repeated, .later(status: 429, words: "t: r: c"),
        .later(status: 503, words: "t: r: c"), .refused(status: 400, type: "t", reason: "r: c"),
        .failureStore, .accepted, .refused(status: 404, type: "t", reason: "r: c"),
      ])
  }

  @Test(
    "a block of the cluster and a missing right are no fault of the document", arguments: [401, 403, 429])
  func blocks(status: Int) {
    let error =
      ",\"error\":{\"type\":\"cluster_block_exception\",\"reason\":\"FORBIDDEN/12/index read-only\"}"
    guard case .later(let found, let words)? = Self.verdicts([Self.item(status, error)])?.first else {
      Issue.record("not kept")
      return
    }
    #expect(found == status && words.contains("read-only"))
  }

  @Test(
    "an answer that is short, long, torn or no answer is none",
    arguments: [
      "", "{", "{}", "[]", "{\"errors\":false,\"items\":[]}", "{\"errors\":false}",
      "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}}]}",
      "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]}",
      "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"create\":{}}]}",
      "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"index\":{\"status\":201}}]}",
      "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":\"x\"}}]}",
      "{\"errors\":false,\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]} x",
      "{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]}", "<html>",
    ])
  func noAnswers(text: String) {
    #expect(BulkAnswer.verdicts(Array(text.utf8), count: 2) == nil)
  }

  @Test("an answer that nests without end is refused")
  func nested() {
    let deep = "{\"x\":" + String(repeating: "[", count: 100_000)
    #expect(BulkAnswer.verdicts(Array(deep.utf8), count: 1) == nil)
  }

  private static func delivery(_ count: Int) -> BulkDelivery {
    BulkDelivery(count: count, pauses: BulkDelivery.Pauses(shortest: 100, longest: 2_000, forbidden: 5_000))
  }

  @Test(
    "only the items that were put off are sent again; 409 is a delivery, and a mapping error a dead letter")
  func again() {
    var delivery = Self.delivery(5)
    let pause = delivery.handle(
      .verdicts(
        [
          .accepted, .later(status: 429, words: ""), .repeated,
          .refused(status: 400, type: "mapper_parsing_exception", reason: "r"),
          .later(status: 503, words: ""),
        ], retryAfter: nil))
    #expect(pause == 100 && delivery.next == [1, 4])
    #expect(delivery.handle(.verdicts([.later(status: 429, words: ""), .accepted], retryAfter: nil)) == 100)
    #expect(delivery.next == [1])
    #expect(delivery.handle(.verdicts([.failureStore], retryAfter: nil)) == 0)
    #expect(delivery.next == nil)
    #expect(
      delivery.fates == [
        .accepted, .failureStore, .repeated,
        .dead(status: 400, type: "mapper_parsing_exception", reason: "r"), .accepted,
      ])
  }

  @Test("a batch of which every item is there already is done, and not sent for ever")
  func allThere() {
    var delivery = Self.delivery(3)
    #expect(delivery.handle(.verdicts([.repeated, .repeated, .repeated], retryAfter: nil)) == 0)
    #expect(delivery.next == nil)
  }

  @Test("pauses double up to the longest while nothing goes, and begin anew when something does")
  func pauses() {
    var delivery = Self.delivery(2)
    let outcomes: [BulkOutcome] = [
      .unavailable(status: 503, words: "", retryAfter: nil), .failure(words: ""), .unreadable(words: ""),
      .unavailable(status: 429, words: "", retryAfter: nil), .failure(words: ""), .failure(words: ""),
      .failure(words: ""),
    ]
    #expect(outcomes.map { delivery.handle($0) } == [100, 200, 400, 800, 1_600, 2_000, 2_000])
    #expect(delivery.next == [0, 1])
    #expect(delivery.handle(.verdicts([.accepted, .later(status: 429, words: "")], retryAfter: nil)) == 100)
  }

  @Test("no sooner than Retry-After says, and who is not let in waits longer")
  func retryAfter() {
    var delivery = Self.delivery(1)
    #expect(delivery.handle(.unavailable(status: 429, words: "", retryAfter: 7_000)) == 7_000)
    #expect(delivery.handle(.forbidden(status: 401, words: "", retryAfter: nil)) == 5_000)
    #expect(delivery.next == [0])
  }

  @Test("what is too large is halved down to the one document that is, and only that is a dead letter")
  func halves() {
    var delivery = Self.delivery(7)
    var requests = 0
    while let part = delivery.next, requests < 100 {
      requests += 1
      let outcome: BulkOutcome =
        part.contains(5)
        ? .tooLarge(words: "too large") : .verdicts(part.map { _ in .accepted }, retryAfter: nil)
      #expect(delivery.handle(outcome) == 0)
    }
    #expect(delivery.next == nil && delivery.wasTooLarge && requests < 12)
    #expect(delivery.fates.count { $0 == .accepted } == 6)
    #expect(delivery.fates[5] == .dead(status: 413, type: "content_too_long", reason: "too large"))
  }
}
