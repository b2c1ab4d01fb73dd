import Testing

@testable import OpenMetricsPush

@Suite("The grouping key")
struct GroupingKeyTests {
  @Test(
    "its path holds every value, in base64 where a path cannot show it",
    arguments: [
      ("backup", [:], "/metrics/job/backup"), ("a~b-c.d_e", [:], "/metrics/job/a~b-c.d_e"),
      ("backup", ["zone": "eu", "host": "a"], "/metrics/job/backup/host/a/zone/eu"),
      ("directory_cleaner", ["path": "/var/tmp"], "/metrics/job/directory_cleaner/path@base64/L3Zhci90bXA"),
      ("example", ["first_label": ""], "/metrics/job/example/first_label@base64/="),
      ("titan", ["name": "Προμηθεύς"], "/metrics/job/titan/name@base64/zqDPgc6_zrzOt864zrXPjc-C"),
      ("..", ["a": "."], "/metrics/job@base64/Li4/a@base64/Lg"),
      ("a b", ["q": "?#%"], "/metrics/job@base64/YSBi/q@base64/PyMl"),
    ] as [(String, [String: String], String)])
  func path(job: String, labels: [String: String], path: String) throws {
    #expect(try GroupingKey(job: job, labels: labels).path == path)
  }

  @Test(
    "what a gateway would not take is refused",
    arguments: [
      ("", [:]), ("a", ["job": "b"]), ("a", ["": "b"]), ("a", ["1b": "c"]), ("a", ["b/c": "d"]),
      ("a", ["b@base64": "d"]), ("a", ["__b": "c"]), ("a", ["é": "c"]),
    ] as [(String, [String: String])])
  func refused(job: String, labels: [String: String]) {
    #expect {
      try GroupingKey(job: job, labels: labels)
    } throws: {
      if case PushError.invalidGroupingKey = $0 { true } else { false }
    }
  }
}
